import importlib
import json
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_vae
from keras_vae import Config, ConfigError, DataError, RunError, fit, load_run
from keras_vae.data import TrainingBatches
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.export.metadata import write_metadata
from keras_vae.files.formats import FORMAT
from keras_vae.runs import diagnose_run, diagnosis_record, dry_run

pytestmark = [
    # what the default `warn` says of trainings that are too short to be good
    pytest.mark.filterwarnings("ignore:.*kvae diagnose .* says more:UserWarning"),
    pytest.mark.usefixtures("eager"),
]

DIGITS = {"data": "digits", "hidden": (16,), "epochs": 2}
ONE_STEP = {"batch_size": 1439}  # an epoch


def quick(**options):
    return Config(**{**DIGITS, **options})


@pytest.fixture
def subject(monkeypatch):
    """Makes the subject that `diagnose_run` examines, without examining it."""

    def of(run, **options):
        seen = []

        def examine(subject, *arguments):
            seen.append(subject)
            return SimpleNamespace(figures={})

        with monkeypatch.context() as patch:
            patch.setattr("keras_vae.runs.diagnosis.examine", examine)
            patch.setattr("keras_vae.runs.diagnosis.replace", lambda made, figures: made)
            diagnose_run(run, **options)
        return seen[0]

    return of


# ---- a run -----------------------------------------------------------------------------


def test_a_run_is_looked_at_with_its_own_examples_as_it_was_trained_on_them(digits_run):
    figures = diagnose_run(digits_run, cheap=True).figures
    assert figures["split"] == "test"
    # the rate has no noise, so the same examples have the same
    assert figures["rate"] == pytest.approx(digits_run.metrics["rate"], rel=1e-5)
    train = keras_vae.evaluate(digits_run.vae, digits_run.load_data(), "dynamic", "train")
    assert figures["train_elbo"] == pytest.approx(train.elbo, abs=4 * train.elbo_standard_error)
    assert figures["beta"] == 0.5


@pytest.mark.slow
def test_fit_evaluate_diagnose_and_the_dry_run_have_one_baseline_of_the_test_split(digits_run):
    expected = digits_run.metrics["baseline"]
    figures = diagnose_run(digits_run, cheap=True).figures
    assert figures["baseline"] == pytest.approx(expected, rel=1e-12)
    assert (figures["examples"], figures["examples_of_split"]) == (179, 179)
    assert dry_run(digits_run.config).figures["baseline"] == pytest.approx(expected, rel=1e-12)
    evaluation = keras_vae.evaluate(digits_run.vae, digits_run.load_data(), "dynamic")
    assert evaluation.baseline == pytest.approx(expected, rel=1e-12)
    few = diagnose_run(digits_run, examples=100, cheap=True).figures
    assert (few["examples"], few["examples_of_split"]) == (100, 179)


def test_the_subject_knows_history_beta_and_warmup(digits_run, subject):
    made = subject(digits_run)
    assert made.history == digits_run.history
    assert made.beta == 0.5
    assert len(made.train) == 1439
    assert len(made.test) == 179


@pytest.mark.slow
def test_a_run_that_ended_within_its_warmup_is_an_error(digits_folder, tmp_path):
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    header, first, *_ = (copy / "history.csv").read_text().splitlines(keepends=True)
    (copy / "history.csv").write_text(header + first)
    assert diagnose_run(load_run(copy), cheap=True)["warmup_unfinished"].severity == "error"
    assert "warmup_unfinished" not in diagnose_run(load_run(digits_folder), cheap=True)


def test_the_cheap_part_trains_nothing_even_where_latents_have_collapsed(
    digits_folder, monkeypatch, subject
):
    run = load_run(digits_folder)
    for weight in (*run.vae.encoder.layers[-1].weights, *run.vae.encoder.layers[-2].weights):
        weight.assign(0 * weight)
    module = importlib.import_module(
        "keras_vae.diagnosis.subjects.of_vae"
    )  # a function has its name too
    monkeypatch.setattr(module, "_copy_to_train", a_bug)
    diagnosis = diagnose_run(run, cheap=True)
    assert "collapsed" in diagnosis
    assert "lagging_encoder" not in diagnosis.checked
    with pytest.raises(RuntimeError, match="a bug"):
        subject(run).probe("both", 1)


def a_bug(*arguments, **options):
    raise RuntimeError("a bug")


def test_the_same_seed_gives_the_same_diagnosis_of_as_many_examples_as_asked_for(digits_folder):
    asked = {"examples": 100, "seed": 3, "cheap": True}
    first = diagnose_run(load_run(digits_folder), **asked)
    again = diagnose_run(load_run(digits_folder), **asked)
    assert diagnosis_record(first) == diagnosis_record(again)
    assert first.protocol.startswith("100 training examples, 100 test examples")
    assert first.protocol.endswith("seed 3")


def test_other_data_are_looked_at_if_they_fit(digits_run, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((60, 8, 8)))
    diagnosis = diagnose_run(digits_run, str(tmp_path / "x.npy"), cheap=True)
    assert diagnosis.protocol.startswith("48 training examples, 6 test examples")
    np.save(tmp_path / "x.npy", np.eye(30, dtype="float32"))
    with pytest.raises(DataError, match="the model takes"):
        diagnose_run(digits_run, str(tmp_path / "x.npy"))


# ---- its exported version --------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(digits_folder, tmp_path_factory):
    """A folder with a run and its exported version; copy before changing it."""
    folder = shutil.copytree(digits_folder, tmp_path_factory.mktemp("exported") / "digits")
    load_run(folder).export(samples=2, batch_sizes=())
    return folder


def drift(run, subject):
    return Measurements(subject(run), 50).served_drift


def test_an_exported_version_answers_as_its_run(exported, digits_run, subject):
    assert drift(load_run(exported), subject) < 1e-5
    assert subject(load_run(exported), cheap=True).served is None
    assert subject(digits_run).served is None


def test_a_version_that_is_told_a_condition_and_has_two_outputs_answers_as_its_run(
    quick_run, subject
):
    chosen = {"condition": ("labels",), "likelihood": "diagonal_gaussian", "epochs": 1}
    chosen |= {"batch_size": 150}
    run = quick_run("told", data="digits", **chosen)
    run.export(samples=2, batch_sizes=())
    assert drift(run, subject) < 1e-5
    run.vae.decoder.weights[0].assign_add(np.ones(run.vae.decoder.weights[0].shape))
    assert drift(run, subject) > 1e-3


def test_a_version_of_a_table_with_a_column_called_x_is_none_of_arrays(
    quick_run, subject, tmp_path
):
    rows = np.random.default_rng(0).normal(size=(40, 2)).round(2)
    lines = ["x,mask", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "x.csv").write_text("\n".join(lines))
    run = quick_run("x", data=str(tmp_path / "x.csv"), epochs=1)
    run.export(samples=2, batch_sizes=())
    assert subject(run).served is None


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_version_of_other_weights_does_not(exported, subject, part):
    run = load_run(exported)
    for weight in getattr(run.vae, part).weights:
        weight.assign(weight + 0.1)
    assert drift(run, subject) > 1e-3


@pytest.mark.slow
def test_a_version_that_was_kept_from_a_model_of_other_shapes_is_no_version_of_this_one(
    exported, tmp_path, subject, bare_fit
):
    run = fit(quick(latent=3, **ONE_STEP), tmp_path)
    shutil.copytree(exported / "1", run.path / "1")
    assert drift(run, subject) == pytest.approx(1)


def test_of_several_versions_the_newest_is_asked(exported, tmp_path, subject):
    copy = shutil.copytree(exported, tmp_path / "copy")
    (copy / "1").rename(copy / "10")
    (copy / "9").mkdir()  # would fail to load
    assert drift(load_run(copy), subject) < 1e-5


def test_a_damaged_version_is_one_line(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    (copy / "1" / "saved_model.pb").unlink()
    with pytest.raises(RunError, match=r"cannot be loaded.*kvae check-export") as error:
        diagnose_run(load_run(copy))
    assert "\n" not in str(error.value)


def test_a_version_of_another_format_is_not_asked(exported, tmp_path, monkeypatch):
    copy = shutil.copytree(exported, tmp_path / "copy")
    with monkeypatch.context() as patch:
        patch.setattr("keras_vae.files.formats.FORMAT", FORMAT + 1)
        write_metadata(copy / "1", {})
    with pytest.raises(RunError, match=rf"1/metadata\.json: of format {FORMAT + 1}"):
        diagnose_run(load_run(copy))


# ---- at the end of a fit ---------------------------------------------------------------


@pytest.mark.slow
def test_fit_leaves_the_cheap_part_in_the_folder(tmp_path, no_pictures):
    lines = []
    run = fit(quick(**ONE_STEP), tmp_path, warn=lines.append)
    record = json.loads((run.path / "diagnosis.json").read_text())
    expected = json.loads(json.dumps(diagnosis_record(diagnose_run(run, cheap=True))))
    assert record == {**expected, "format": FORMAT}
    assert len(lines) >= len(run_causes(record))


def run_causes(record):
    return [
        found["name"]
        for found in record["findings"]
        if found["severity"] in ("error", "warning") and found["follows_from"] is None
    ]


@pytest.mark.slow
def test_fit_warns_of_what_is_wrong_in_one_line_each(tmp_path, no_pictures):
    lines = []
    run = fit(
        quick(beta=50.0, epochs=12, learning_rate=0.02, **ONE_STEP), tmp_path, warn=lines.append
    )
    record = json.loads((run.path / "diagnosis.json").read_text())
    assert record["verdict"] == "error"
    (line,) = [line for line in lines if line.startswith("collapsed: ")]
    assert " -> " in line
    assert line.endswith(f"; kvae diagnose {run.path} says more")
    assert "\n" not in line
    assert {line.partition(":")[0] for line in lines} >= {*run_causes(record), "collapsed"}


def test_fit_begins_with_what_the_dry_run_finds(tmp_path):
    class Begun(Exception):
        """Training has."""

    def stop(logs):
        raise Begun

    lines = []
    config = quick(beta=50.0, epochs=1)
    stopped = keras.callbacks.LambdaCallback(on_train_begin=stop)
    with pytest.raises(Begun):
        fit(config, tmp_path, callbacks=[stopped], warn=lines.append)
    found = [each.name for each in dry_run(config).causes]
    assert found == ["collapse_expected", "too_few_steps"]
    lines = [line for line in lines if not line.startswith("by default")]
    assert [line.partition(":")[0] for line in lines[:2]] == found
    assert lines[1].endswith("kvae diagnose --explain too_few_steps says more")


@pytest.mark.slow
def test_what_was_found_before_training_is_not_told_again(tmp_path, no_pictures):
    lines = []
    fit(quick(binarize="none", epochs=1, **ONE_STEP), tmp_path, warn=lines.append)
    told = [line.partition(":")[0] for line in lines]
    assert told.count("gray_data_under_bernoulli") == 1


@pytest.mark.slow
def test_what_is_undetermined_or_by_the_way_is_no_warning(tmp_path, no_pictures):
    lines = []
    run = fit(quick(epochs=4, **ONE_STEP), tmp_path, warn=lines.append)
    record = json.loads((run.path / "diagnosis.json").read_text())
    told = {line.partition(":")[0] for line in lines if not line.startswith("by default")}
    severities = {found["name"]: found["severity"] for found in record["findings"]}
    assert {"info", "undetermined"} & set(severities.values())
    severities["too_few_steps"] = "warning"  # of the plan
    assert {severities[name] for name in told} <= {"error", "warning"}


@pytest.mark.slow
def test_a_bug_of_the_diagnosis_shows_and_costs_no_run(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", a_bug)
    with pytest.raises(RuntimeError, match="a bug"):
        fit(quick(**ONE_STEP), tmp_path)
    run = load_run(tmp_path / "vae")
    assert run.metrics is not None
    assert (run.path / "plots" / "latent_map.png").exists()
    assert not (run.path / "diagnosis.json").exists()


def no_space(*arguments, **options):
    raise OSError(28, "No space left on device")


def interrupt(*arguments, **options):
    raise KeyboardInterrupt


@pytest.mark.slow
def test_what_stops_the_diagnosis_leaves_the_finished_model_in_its_place(
    tmp_path, monkeypatch, no_pictures
):
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", no_space)
    with pytest.raises(RunError, match=r"No space left on device.*the model is complete in"):
        fit(quick(**ONE_STEP), tmp_path, "one")
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", interrupt)
    with pytest.raises(KeyboardInterrupt, match="while diagnosing; the model is complete in"):
        fit(quick(**ONE_STEP), tmp_path, "other")
    assert load_run(tmp_path / "one").metrics is not None
    assert load_run(tmp_path / "other").metrics is not None


# ---- a run that has not begun ----------------------------------------------------------


def test_a_dry_run_says_how_large_the_run_will_be_and_leaves_nothing(
    digits_run, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    config = digits_run.config
    figures = dry_run(config).figures
    assert list(tmp_path.iterdir()) == []
    assert figures["weights"] == digits_run.record["training"]["weights"]
    x = digits_run.load_data().train.x
    epoch = TrainingBatches(x, config.batch_size, config.binarize, 0).steps
    assert figures["steps"] == config.epochs * epoch
    assert (figures["beta"], figures["latent"]) == (0.5, 2)


def test_a_dry_run_resolves_the_binarisation_as_the_run_would():
    assert "gray_data_under_bernoulli" not in dry_run(quick(epochs=80))
    lines = []
    plan = dry_run(quick(epochs=80, binarize="none"), warn=lines.append)
    assert plan["gray_data_under_bernoulli"].severity == "error"
    assert "neither 0 nor 1" in lines[0]


def test_a_dry_run_knows_that_beta_is_too_large():
    assert dry_run(quick(epochs=80)).verdict == "healthy"
    assert "collapse_expected" in dry_run(quick(epochs=80, beta=50.0))


def test_a_dry_run_refuses_what_the_run_would_refuse(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", 300 * np.random.default_rng(0).random((60, 5)))
    with pytest.raises(DataError, match="train split: the bernoulli likelihood describes"):
        dry_run(Config(data=str(tmp_path / "x.npy")))
    monkeypatch.setattr("keras_vae.runs.diagnosis.build_vae", no_memory)
    with pytest.raises(ConfigError, match="does not fit into memory"):
        dry_run(quick())


def no_memory(*arguments):
    raise tf.errors.ResourceExhaustedError(None, None, "OOM")


def test_a_dry_run_counts_the_steps_of_data_that_stay_on_disk(tmp_path):
    gray = np.random.default_rng(0).integers(0, 256, (300, 6, 6)).astype("uint8")
    np.save(tmp_path / "x.npy", gray)
    config = quick(data=str(tmp_path / "x.npy"), stream=True, batch_size=30)
    assert dry_run(config).figures["steps"] == 2 * 240 // 30


# ---- for JSON --------------------------------------------------------------------------


def test_what_json_has_no_number_for_is_null():
    made = {
        "a": float("nan"),
        "b": [np.float32(1.5), (np.inf, True)],
        "c": {"d": np.int64(3), "e": None, "f": "nan"},
    }
    record = diagnosis_record(SimpleNamespace(to_dict=lambda: made))
    assert record == {"a": None, "b": [1.5, [None, True]], "c": {"d": 3, "e": None, "f": "nan"}}
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["b"][1][1] is True
