import csv
import json

import keras
import numpy as np
import pytest
from PIL import Image

import keras_vae
from keras_vae import (
    Config,
    ConfigError,
    DataError,
    RunError,
    TrainingDiverged,
    fit,
    load_run,
)
from keras_vae.files.formats import FORMAT
from keras_vae.precision import training_epsilon
from keras_vae.runs import unfinished_config
from keras_vae.runs.folder import locked

# These trainings are of few steps, one an epoch if they are `quick`.
pytestmark = pytest.mark.usefixtures("eager")

PICTURES = {"latent_map", "manifold", "reconstructions", "samples", "interpolation", "history"}


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def expect_formats(folder, *names):
    """These are the JSON files of a folder, and each says its format."""
    found = {path.stem: json.loads(path.read_text())["format"] for path in folder.glob("*.json")}
    assert found == dict.fromkeys(names, FORMAT)


def quick(**options):
    few = {"data": "digits", "hidden": (16,), "epochs": 2, "batch_size": 1439}
    return Config(**{**few, **options})


def test_a_run_leaves_these_files_and_no_others(digits_folder):
    pictures = {f"plots/{name}.png" for name in PICTURES}
    named = {
        "config.json",
        "diagnosis.json",
        "metrics.json",
        "events.jsonl",
        "history.csv",
        "codes.npz",
    }
    assert files(digits_folder) == {"model.keras"} | named | pictures
    assert [path.name for path in digits_folder.parent.iterdir()] == ["digits"]


def test_every_epoch_of_the_history_obeys_loss_is_distortion_plus_beta_times_rate(digits_folder):
    with open(digits_folder / "history.csv", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert [row["beta"] for row in rows] == pytest.approx([1 / 6, 1 / 3, 0.5, 0.5, 0.5, 0.5])
    for row in rows:
        for kind in ("", "val_"):
            loss, distortion, beta, rate, elbo = (
                row[kind + name] for name in ("loss", "distortion", "beta", "rate", "elbo")
            )
            assert loss == pytest.approx(distortion + beta * rate, rel=1e-6)
            assert elbo == pytest.approx(-(distortion + rate), rel=1e-6)


@pytest.mark.slow
def test_config_json_holds_all_that_a_repetition_needs(digits_run, tmp_path, xla, bare_fit):
    record = json.loads((digits_run.path / "config.json").read_text())
    assert record["config"]["binarize"] == "dynamic"  # resolved
    assert record["data"]["examples"] == {"train": 1439, "validation": 179, "test": 179}
    assert record["versions"]["keras"] == keras.__version__
    assert record["training"]["ended"] == "finished"
    again = fit(Config.from_dict(record["config"]), tmp_path, "again")
    for ours, theirs in zip(again.vae.weights, digits_run.vae.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert again.metrics == digits_run.metrics


def test_the_best_epoch_is_after_the_warmup(digits_run):
    assert digits_run.record["training"]["best_epoch"] > 2


def test_metrics_json_is_the_evaluation_of_the_test_split(digits_run):
    expected = keras_vae.evaluate(digits_run.vae, digits_run.load_data(), "dynamic")
    metrics = json.loads((digits_run.path / "metrics.json").read_text())
    assert metrics == {**expected.to_dict(), "format": FORMAT}


@pytest.mark.slow
def test_an_existing_run_is_kept_without_overwrite_and_replaced_with_it(tmp_path, bare_fit):
    fit(quick(epochs=1), tmp_path)
    before = (tmp_path / "vae" / "model.keras").read_bytes()
    with pytest.raises(RunError, match="exists; choose another --name, or replace it"):
        fit(quick(seed=1, epochs=1), tmp_path)
    assert (tmp_path / "vae" / "model.keras").read_bytes() == before
    fit(quick(seed=1, epochs=1), tmp_path, overwrite=True)
    assert load_run(tmp_path / "vae").config.seed == 1
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]


def test_overwrite_never_removes_a_folder_that_is_no_run(tmp_path):
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="not a folder that kvae fit made"):
        fit(quick(), tmp_path, overwrite=True)
    assert (tmp_path / "vae" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden"])
def test_a_name_that_is_no_plain_name_is_refused(tmp_path, name):
    with pytest.raises(RunError, match="expected a plain name"):
        fit(quick(), tmp_path, name)


def test_a_place_that_cannot_be_written_is_one_line_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot be written .*choose another place with --out"):
        fit(quick(), tmp_path / "file" / "models")


def test_a_failure_before_the_first_checkpoint_leaves_nothing(tmp_path):
    with pytest.raises(keras_vae.DataError, match="no such file"):
        fit(Config(data=str(tmp_path / "missing.npz")), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def no_space(*arguments, **options):
    raise OSError(28, "No space left on device")


def interrupt(*arguments, **options):
    raise KeyboardInterrupt


def test_a_disk_that_fills_up_keeps_the_checkpoint_and_says_where(tmp_path, monkeypatch, bare_fit):
    monkeypatch.setattr("keras_vae.runs.pipeline.evaluate", no_space)
    with pytest.raises(RunError, match=r"No space left on device.*best checkpoint so far") as error:
        fit(quick(epochs=1), tmp_path)
    assert not (tmp_path / "vae").exists()
    (kept,) = tmp_path.glob(".vae-unfinished-*")
    assert str(kept) in str(error.value)
    assert keras.saving.load_model(kept / "model.keras").latent_dim == 2


@pytest.mark.slow
def test_a_picture_that_cannot_be_written_costs_no_model(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.plots.save", no_space)
    with pytest.raises(RunError, match=r"No space left on device.*the model is complete in"):
        fit(quick(epochs=1), tmp_path)
    assert load_run(tmp_path / "vae").metrics is not None


def test_of_two_runs_of_one_name_the_later_says_where_its_checkpoint_is(tmp_path, bare_fit):
    class OtherRun(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            (tmp_path / "vae").mkdir()

    with pytest.raises(RunError, match=r"exists; choose another --name.*kept in") as error:
        fit(quick(epochs=1), tmp_path, callbacks=[OtherRun()])
    (kept,) = tmp_path.glob(".vae-unfinished-*/model.keras")
    assert str(kept) in str(error.value)


def test_ctrl_c_right_after_training_says_where_the_checkpoint_is(tmp_path, monkeypatch, bare_fit):
    monkeypatch.setattr("keras_vae.runs.pipeline.evaluate", interrupt)
    with pytest.raises(KeyboardInterrupt, match="interrupted; the best checkpoint so far is kept"):
        fit(quick(epochs=1), tmp_path)
    assert list(tmp_path.glob(".vae-unfinished-*/model.keras"))


def test_a_model_that_no_memory_holds_is_one_line(tmp_path, bare_fit):
    with pytest.raises(ConfigError, match="does not fit into memory"):
        # 2^49 bytes for the weights of z_mean: refused at once, where less may be tried
        fit(quick(latent=2**31 - 1, hidden=(2**16,)), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("split", ["x_train", "x_test"])
def test_every_split_is_audited_before_training(tmp_path, split):
    rng = np.random.default_rng(0)
    arrays = {"x_train": rng.random((60, 5)), "x_test": rng.random((20, 5))}
    arrays[split] = 255 * arrays[split]
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=r"split: the bernoulli likelihood describes values in"):
        fit(Config(data=str(tmp_path / "x.npz"), epochs=1), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_ctrl_c_while_training_publishes_the_best_checkpoint(tmp_path, bare_fit):
    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)
    run = fit(quick(), tmp_path, callbacks=[stop])
    assert run.record["training"]["ended"] == "interrupted"
    kept = {"model.keras", "config.json", "events.jsonl", "history.csv", "codes.npz"}
    assert files(tmp_path / "vae") == kept
    assert load_run(tmp_path / "vae").metrics is None


@pytest.mark.slow
def test_ctrl_c_while_drawing_leaves_the_finished_model_in_its_place(
    tmp_path, monkeypatch, bare_fit
):
    monkeypatch.setattr("keras_vae.runs.pipeline.draw", interrupt)
    with pytest.raises(KeyboardInterrupt, match="while drawing; the model is complete in"):
        fit(quick(epochs=1), tmp_path)
    run = load_run(tmp_path / "vae")
    assert run.record["training"]["ended"] == "finished"
    assert run.metrics is not None


def test_data_and_likelihood_that_do_not_fit_are_warned_of_before_training(tmp_path):
    warnings = []
    cut(tmp_path, 0, quick(binarize="none", batch_size=700), warn=warnings.append)
    assert "neither 0 nor 1" in warnings[0]
    assert warnings[1].startswith("by default, 39 of 1439 training examples are left")
    assert all("kvae diagnose" in line for line in warnings[2:])  # of the plan


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"likelihood": "gaussian", "latent": 3},
        {"likelihood": "continuous_bernoulli", "network": "conv", "hidden": (8, 16)},
        {"binarize": "static", "latent": 1, "free_nats": 0.5},
        {"binarize": "threshold", "network": "conv", "hidden": (8, 16)},
    ],
    ids=lambda options: "-".join(str(value) for value in options.values()),
)
def test_every_likelihood_network_and_protocol_beats_the_untrained_start(
    tmp_path, options, undiagnosed
):
    few = {"hidden": (32,), "epochs": 3, "batch_size": 700, "learning_rate": 0.01}
    config = quick(**{**few, **options})
    run = fit(config, tmp_path, warn=print)
    with open(run.path / "history.csv", newline="") as file:
        elbos = [float(row["val_elbo"]) for row in csv.DictReader(file)]
    assert elbos[-1] > elbos[0]
    picture = "manifold" if run.vae.latent_dim == 2 else "traversals"
    assert (run.path / "plots" / f"{picture}.png").stat().st_size > 1000


@pytest.mark.slow
def test_vectors_without_labels_go_through_the_whole_run(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 1)) @ rng.normal(size=(1, 5)) + 0.1 * rng.normal(size=(300, 5))
    np.save(tmp_path / "x.npy", x)
    config = Config(
        data=str(tmp_path / "x.npy"), likelihood="gaussian", hidden=(32,), epochs=8, batch_size=60,
        learning_rate=0.05,
    )  # fmt: skip
    run = fit(config, tmp_path)
    assert run.record["protocol"] == "values as they are, not binarised"
    assert run.metrics["gain"] > 1
    assert run.metrics["bits_per_dim"] is None


@pytest.mark.slow
def test_tracked_evidence_is_kept_with_its_protocol_and_drawn(tmp_path):
    run = fit(quick(track_evidence=True), tmp_path)
    expect_formats(run.path, "config", "diagnosis", "evidence", "metrics")
    assert (run.path / "plots" / "evidence.png").exists()
    evidence = load_run(run.path).evidence
    assert evidence == run.evidence
    assert evidence["columns"]["epoch"] == [1, 2]
    assert evidence["columns"]["elbo"][0] < evidence["columns"]["elbo"][1]
    assert evidence["protocol"].startswith(
        "first 100 validation examples; 17 gray levels divided by 16; dynamic binarisation"
    )
    assert evidence["protocol"].endswith("log p(x) exact, by quadrature")


@pytest.mark.slow
def test_images_are_read_as_chosen_again_and_every_protocol_says_so(tmp_path, bare_fit):
    rng = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for number in range(40):
        shape = (6 + number % 2, 7, 3)
        image = Image.fromarray(rng.integers(0, 256, shape, dtype="uint8"))
        image.save(tmp_path / "images" / f"{number:02}.webp", lossless=True)
    config = quick(
        data=str(tmp_path / "images"), size=4, gray=True, batch_size=16, track_evidence=True
    )
    lines = []
    run = fit(config, tmp_path, warn=lines.append)
    told = (
        "colours turned to gray; middle squares resized to 4x4, rounded to levels; uint8 divided "
        "by 255; dynamic"
    )
    assert run.record["protocol"].startswith(told)
    assert told in run.metrics["protocol"]
    assert told in run.evidence["protocol"]
    assert lines[0].startswith("by default, gray levels are drawn as 0 or 1, dynamic")
    assert not any("255" in line for line in lines)
    read = load_run(run.path)
    reading = {name: value for name, value in read.config.reading.items() if value}
    assert reading == {"size": 4, "gray": True}
    assert read.load_data().event_shape == (4, 4, 1)
    assert read.load_data(str(tmp_path / "images")).event_shape == (4, 4, 1)
    plain = []
    fit(config.replace(binarize="dynamic", track_evidence=False), tmp_path, "v", warn=plain.append)
    assert not any(line.startswith("by default") for line in plain)


def test_without_tracking_there_is_none(digits_run):
    assert digits_run.evidence is None


# ---- going on with a run that was cut short ----------------------------------------------


class PowerCut(Exception):
    """Nothing in `fit` catches it."""


def cut(tmp_path, epoch, config=None, **options):
    """A run of 4 epochs that ends without warning when an epoch (from 0) begins."""

    def stop(number, logs):
        if number == epoch:
            raise PowerCut

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=stop)
    config = config or quick().replace(epochs=4)
    options = {"warn": lambda line: None, **options}
    with pytest.raises(PowerCut):
        fit(config, tmp_path, callbacks=[callback], **options)


@pytest.mark.slow
def test_a_run_that_was_cut_goes_on_and_leaves_what_it_would_have_left(tmp_path, bare_fit):
    config = quick(track_evidence=True, batch_size=700).replace(epochs=4)
    whole = fit(config, tmp_path / "whole")
    cut(tmp_path / "cut", 2, config)
    assert not (tmp_path / "cut" / "vae").exists()
    cut(tmp_path / "cut", 3, config, resume=True)
    run = fit(config, tmp_path / "cut", resume=True)
    for one, other in zip(run.vae.get_weights(), whole.vae.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (run.metrics, run.history, run.evidence) == (
        whole.metrics,
        whole.history,
        whole.evidence,
    )
    assert files(run.path) == files(whole.path)
    assert [path.name for path in run.path.parent.iterdir()] == ["vae"]


@pytest.mark.slow
def test_resume_without_a_config_takes_that_of_the_run_and_another_is_refused(tmp_path, bare_fit):
    cut(tmp_path, 2)
    assert unfinished_config(tmp_path, "vae").epochs == 4
    assert unfinished_config(tmp_path, "other") is None
    message = "--resume: epochs is 5 now and was 4 when the run began; repeat its options"
    with pytest.raises(ConfigError, match=message):
        fit(quick().replace(epochs=5), tmp_path, resume=True)
    assert fit(None, tmp_path, resume=True).config.epochs == 4


@pytest.mark.slow
def test_a_new_run_beside_an_unfinished_one_says_that_it_could_go_on(tmp_path, bare_fit):
    cut(tmp_path, 1)
    lines = []
    fit(quick(epochs=1), tmp_path, warn=lines.append)
    assert lines[0] == "a run named vae was cut short; kvae fit --resume goes on with it"


@pytest.mark.slow
def test_resume_with_nothing_to_go_on_with_begins_a_run_and_says_so(tmp_path, bare_fit):
    lines = []
    run = fit(quick(epochs=1), tmp_path, resume=True, warn=lines.append)
    assert run.record["training"]["epochs"] == 1
    assert lines[0] == f"no run named vae was cut short in {tmp_path}; a new one begins"


def test_data_that_have_changed_are_noticed(tmp_path, bare_fit):
    x = np.random.default_rng(0).random((60, 6)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    config = quick().replace(data=str(tmp_path / "x.npy"), likelihood="gaussian", epochs=3)
    cut(tmp_path, 1, config)
    np.save(tmp_path / "x.npy", x + 1)
    with pytest.raises(DataError, match=r"--resume: .*x.npy has changed since the run began"):
        fit(config, tmp_path, resume=True)


def test_a_run_that_is_being_trained_is_left_alone(tmp_path, bare_fit):
    cut(tmp_path, 1)
    (working,) = tmp_path.glob(".vae-unfinished-*")
    with locked(working):
        assert unfinished_config(tmp_path, "vae") is None
    assert unfinished_config(tmp_path, "vae") is not None


def test_training_that_diverged_is_not_gone_on_with(tmp_path, bare_fit):
    with pytest.raises(TrainingDiverged):
        fit(quick(learning_rate=1e20), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_half_precision_leaves_a_model_that_computes_in_float32(tmp_path, bare_fit):
    run = fit(quick(precision="mixed_float16", epochs=1), tmp_path)
    assert run.record["training"]["skipped_steps"] == 0
    assert run.record["config"]["precision"] == "mixed_float16"
    assert training_epsilon(run.vae) is None
    loaded = load_run(run.path)
    assert training_epsilon(loaded.vae) is None
    for one, other in zip(loaded.vae.get_weights(), run.vae.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_automatic_precision_is_recorded_as_what_it_was(digits_run):
    assert digits_run.record["config"]["precision"] == "float32"
    assert digits_run.record["training"]["skipped_steps"] is None


@pytest.mark.slow
def test_streamed_data_go_through_the_whole_run(tmp_path):
    gray = np.random.default_rng(0).integers(0, 256, (300, 6, 6)).astype("uint8")
    np.save(tmp_path / "gray.npy", gray)
    run = fit(quick(data=str(tmp_path / "gray.npy"), stream=True, batch_size=80), tmp_path)
    assert run.record["data"]["examples"] == {"train": 240, "validation": 30, "test": 30}
    assert run.metrics["examples"] == 30
    dataset = load_run(run.path).load_data()
    assert dataset.stream.examples == 240
