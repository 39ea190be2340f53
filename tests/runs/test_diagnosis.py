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
from keras_vae.runs import (
    diagnose_adapted,
    diagnose_keras_file,
    diagnose_run,
    diagnosis_record,
    dry_run,
)

# What the default `warn` says of trainings that are too short to be good.
pytestmark = pytest.mark.filterwarnings("ignore:.*kvae diagnose .* says more:UserWarning")

DIGITS = {"data": "digits", "hidden": (16,), "epochs": 2}


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
    assert figures["baseline"] == pytest.approx(train.baseline, abs=0.1)
    assert figures["beta"] == 0.5


def test_the_subject_knows_history_beta_and_warmup(digits_run, subject):
    made = subject(digits_run)
    assert made.history == digits_run.history
    assert made.beta == 0.5
    assert len(made.train) == 1439
    assert len(made.test) == 179


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
    module = importlib.import_module("keras_vae.diagnosis.of_vae")  # a function has its name too
    monkeypatch.setattr(module, "_trained_on", a_bug)
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
def exported(tmp_path_factory):
    """A folder with a run and its exported version; copy before changing it."""
    run = fit(quick(), tmp_path_factory.mktemp("exported"))
    run.export(samples=2, batch_sizes=())
    return run.path


def drift(run, subject):
    return Measurements(subject(run), 50).served_drift


def test_an_exported_version_answers_as_its_run(exported, digits_run, subject):
    assert drift(load_run(exported), subject) < 1e-5
    assert subject(load_run(exported), cheap=True).served is None
    assert subject(digits_run).served is None


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_version_of_other_weights_does_not(exported, subject, part):
    run = load_run(exported)
    for weight in getattr(run.vae, part).weights:
        weight.assign(weight + 0.1)
    assert drift(run, subject) > 1e-3


def test_a_version_that_was_kept_from_a_model_of_other_shapes_is_no_version_of_this_one(
    exported, tmp_path, subject
):
    run = fit(quick(latent=3), tmp_path)
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


# ---- at the end of a fit ---------------------------------------------------------------


def test_fit_leaves_the_cheap_part_in_the_folder(tmp_path):
    lines = []
    run = fit(quick(), tmp_path, warn=lines.append)
    record = json.loads((run.path / "diagnosis.json").read_text())
    assert record == json.loads(json.dumps(diagnosis_record(diagnose_run(run, cheap=True))))
    assert len(lines) >= len(run_causes(record))


def run_causes(record):
    return [
        found["name"]
        for found in record["findings"]
        if found["severity"] in ("error", "warning") and found["follows_from"] is None
    ]


def test_fit_warns_of_what_is_wrong_in_one_line_each(tmp_path):
    lines = []
    run = fit(quick(beta=50.0, epochs=12, hidden=(64, 32)), tmp_path, warn=lines.append)
    record = json.loads((run.path / "diagnosis.json").read_text())
    assert record["verdict"] == "error"
    (line,) = [line for line in lines if line.startswith("collapsed: ")]
    assert " -> " in line
    assert line.endswith(f"; kvae diagnose {run.path} says more")
    assert "\n" not in line
    assert {line.partition(":")[0] for line in lines} >= {*run_causes(record), "collapsed"}


def test_what_is_undetermined_or_by_the_way_is_no_warning(tmp_path):
    lines = []
    run = fit(quick(epochs=10), tmp_path, warn=lines.append)
    record = json.loads((run.path / "diagnosis.json").read_text())
    told = {line.partition(":")[0] for line in lines}
    severities = {found["name"]: found["severity"] for found in record["findings"]}
    assert {"info", "undetermined"} & set(severities.values())
    assert {severities[name] for name in told} <= {"error", "warning"}


def test_a_bug_of_the_diagnosis_shows_and_costs_no_run(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", a_bug)
    with pytest.raises(RuntimeError, match="a bug"):
        fit(quick(), tmp_path)
    run = load_run(tmp_path / "vae")
    assert run.metrics is not None
    assert (run.path / "plots" / "latent_map.png").exists()
    assert not (run.path / "diagnosis.json").exists()


def no_space(*arguments, **options):
    raise OSError(28, "No space left on device")


def interrupt(*arguments, **options):
    raise KeyboardInterrupt


def test_what_stops_the_diagnosis_leaves_the_finished_model_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", no_space)
    with pytest.raises(RunError, match=r"No space left on device.*the model is complete in"):
        fit(quick(), tmp_path, "one")
    monkeypatch.setattr("keras_vae.runs.pipeline.diagnose_dataset", interrupt)
    with pytest.raises(KeyboardInterrupt, match="while diagnosing; the model is complete in"):
        fit(quick(), tmp_path, "other")
    assert load_run(tmp_path / "one").metrics is not None
    assert load_run(tmp_path / "other").metrics is not None


# ---- any other model -------------------------------------------------------------------


@pytest.fixture
def adapter(tmp_path, monkeypatch, request):
    """Writes a module with a function `adapt`; gives "module:adapt"."""

    def write(body, head=""):
        name = f"adapter_{abs(hash(request.node.name))}"
        text = f"import numpy as np\n{head}\n\ndef adapt(model):\n    {body}\n"
        (tmp_path / f"{name}.py").write_text(text)
        return f"{name}:adapt"

    monkeypatch.syspath_prepend(tmp_path)
    return write


def values():
    """A linear model of 4 binary entries, told in NumPy."""
    x = np.random.default_rng(0).integers(0, 2, (300, 4)).astype("float32")
    return {
        "encode": lambda x: (x[:, :2] - 0.5, np.zeros((len(x), 2)) - 1.0),
        "decode": lambda z: np.concatenate([z, z], axis=1),
        "likelihood": "bernoulli_logits",
        "data": x[:200],
        "test_data": x[200:],
    }


LINEAR = """x = np.random.default_rng(0).integers(0, 2, (300, 4)).astype("float32")
    return dict(encode=lambda x: (x[:, :2] - 0.5, np.zeros((len(x), 2)) - 1.0),
                decode=lambda z: np.concatenate([z, z], axis=1), likelihood="bernoulli_logits",
                data=x[:200], test_data=x[200:])"""


def test_an_adapter_gives_what_diagnose_takes(adapter, tmp_path):
    found = diagnose_adapted(tmp_path, adapter(LINEAR), 100, 5, True)
    expected = keras_vae.diagnose(**values(), examples=100, seed=5, cheap=True)
    assert diagnosis_record(found) == diagnosis_record(expected)


def test_an_adapter_gets_the_keras_model_or_else_the_path(adapter, tmp_path):
    class Seen(Exception):
        pass

    name = adapter("raise Seen(model)", "class Seen(Exception):\n    pass")
    (tmp_path / "x.pt").write_text("")
    (tmp_path / "broken.keras").write_text("no zip")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "good.keras")
    lines = []
    got = {}
    for file in ("x.pt", "broken.keras", "good.keras"):
        with pytest.raises(Exception) as error:  # noqa: PT011
            diagnose_adapted(tmp_path / file, name, warn=lines.append)
        assert type(error.value).__name__ == "Seen"  # the adapter's own
        got[file] = error.value.args[0]
    assert got["x.pt"] == tmp_path / "x.pt"
    assert got["broken.keras"] == tmp_path / "broken.keras"
    assert got["good.keras"].output_shape == (None, 2)
    (line,) = lines
    assert "broken.keras: Keras cannot load it" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_colon", "expected module:function"),
        ("a.py/x:adapt", "expected module:function"),
        (":adapt", "expected module:function"),
        ("not_there_at_all:adapt", "no module not_there_at_all"),
        ("keras_vae.not_there:adapt", "no module keras_vae.not_there"),
        ("keras_vae.runs.diagnosis:nothing", "has no function nothing; it has .*diagnose_adapted"),
        ("keras_vae.runs.diagnosis:NEEDED", "has no function NEEDED"),
    ],
)
def test_an_adapter_that_is_not_there_is_one_line(tmp_path, name, words):
    with pytest.raises(ConfigError, match=words) as error:
        diagnose_adapted(tmp_path, name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "returned NoneType; expected a dictionary"),
        ("return dict(encode=1, decode=2, data=3)", "returned no 'likelihood'"),
        (
            "return dict(encode=1, decode=2, likelihood=3, data=4, decoder=5)",
            "'decoder', which keras_vae.diagnose does not take; it takes beta, bound,",
        ),
        ("return dict(encode=1, decode=2, likelihood='poisson', data=[[0.]])", "expected one of"),
    ],
)
def test_an_adapter_that_returns_something_else_is_one_line(adapter, tmp_path, body, words):
    with pytest.raises(ConfigError, match=words) as error:
        diagnose_adapted(tmp_path, adapter(body))
    assert "\n" not in str(error.value)


def test_what_an_adapter_cannot_import_is_told_as_it_is(adapter, tmp_path):
    with pytest.raises(ModuleNotFoundError, match="no_such_framework"):
        diagnose_adapted(tmp_path, adapter("return {}", "import no_such_framework"))


def test_a_model_that_is_not_there_is_one_line(adapter, tmp_path):
    for call in (
        lambda path: diagnose_adapted(path, adapter("return {}")),
        lambda path: diagnose_keras_file(path, "digits", "bernoulli"),
    ):
        with pytest.raises(RunError, match="no such file or folder"):
            call(tmp_path / "missing.keras")


def test_a_vae_in_a_keras_file_is_asked_all_that_a_vae_can_be_asked(digits_folder, tmp_path):
    x = keras_vae.load_data("digits")
    arrays = {f"x_{name}": getattr(x, name).x > 0.5 for name in ("train", "test")}
    np.savez(tmp_path / "x.npz", **arrays)
    file = digits_folder / "model.keras"
    diagnosis = diagnose_keras_file(file, str(tmp_path / "x.npz"), "bernoulli", cheap=True)
    assert diagnosis.figures["latent"] == 2
    data = keras_vae.load_data(str(tmp_path / "x.npz"))
    rate = keras_vae.evaluate(load_run(digits_folder).vae, data, "none").rate
    assert diagnosis.figures["rate"] == pytest.approx(rate, rel=1e-5)


def test_a_keras_file_that_keras_cannot_load_is_one_line_with_what_to_do(tmp_path):
    (tmp_path / "broken.keras").write_text("no zip")
    with pytest.raises(RunError, match=r"Keras cannot load it .*needs --adapter") as error:
        diagnose_keras_file(tmp_path / "broken.keras", "digits", "bernoulli")
    assert "\n" not in str(error.value)


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
