import keras
import numpy as np
import pytest

import keras_vae
from keras_vae import Config, ConfigError, RunError, load_data, load_run
from keras_vae.data import conditions_of, with_conditions
from keras_vae.runs import diagnose_adapted, diagnose_keras_file, diagnosis_record
from keras_vae.training import build_vae


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
        (
            "keras_vae.runs.other_models:nothing",
            "has no function nothing; it has .*diagnose_adapted",
        ),
        ("keras_vae.runs.other_models:NEEDED", "has no function NEEDED"),
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
            "return dict(encode=1, decode=2, likelihood=3, data=[[0.]], sample=abs)",
            "'sample': it is now called 'training_draw'",
        ),
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
        lambda path: diagnose_keras_file(path, "digits", "bernoulli_logits"),
    ):
        with pytest.raises(RunError, match="no such file or folder"):
            call(tmp_path / "missing.keras")


@pytest.mark.slow
def test_a_vae_in_a_keras_file_is_asked_all_that_a_vae_can_be_asked(digits_folder, tmp_path):
    x = keras_vae.load_data("digits")
    arrays = {f"x_{name}": getattr(x, name).x > 0.5 for name in ("train", "test")}
    np.savez(tmp_path / "x.npz", **arrays)
    file = digits_folder / "model.keras"
    diagnosis = diagnose_keras_file(file, str(tmp_path / "x.npz"), "bernoulli_logits", cheap=True)
    assert diagnosis.figures["latent"] == 2
    data = keras_vae.load_data(str(tmp_path / "x.npz"))
    rate = keras_vae.evaluate(load_run(digits_folder).vae, data, "none").rate
    assert diagnosis.figures["rate"] == pytest.approx(rate, rel=1e-5)


def test_a_keras_file_that_keras_cannot_load_is_one_line_with_what_to_do(tmp_path):
    (tmp_path / "broken.keras").write_text("no zip")
    with pytest.raises(RunError, match=r"Keras cannot load it .*needs --adapter") as error:
        diagnose_keras_file(tmp_path / "broken.keras", "digits", "bernoulli_logits")
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_the_model_of_a_run_is_diagnosed_as_it_was_trained_wherever_its_file_lies(digits_folder):
    file = digits_folder / "model.keras"
    found = diagnose_keras_file(file, "digits", cheap=True)
    assert "gray_data_under_bernoulli" not in found
    run = load_run(digits_folder)
    options = run.config.to_dict()
    reading = {name: options[name] for name in run.config.reading}
    assert run.vae.protocol == {
        "data": "digits", "binarize": "dynamic", "reading": reading, "options": options,
    }  # fmt: skip
    expected = keras_vae.runs.diagnose_run(run, cheap=True)
    assert found.figures["rate"] == expected.figures["rate"]
    diagnose_keras_file(file, "digits", "bernoulli_logits", 20, cheap=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "likelihood", "words"),
    [
        ("", "bernoulli_probabilities", "but the model's own is Bernoulli; leave it out"),
        ("", "bernoulli", "does not say what decode outputs: give 'bernoulli_probabilities'"),
        ("", "gaussian", "--likelihood gaussian, but the model's own is Bernoulli; leave it out"),
        ("forgets", None, "does not say how its training made the gray levels of digits binary"),
        ("foreign", None, "does not say which p.x.z. it models: give --likelihood"),
    ],
)
def test_what_a_file_leaves_open_is_asked_and_what_it_says_is_not_contradicted(
    digits_folder, tmp_path, change, likelihood, words
):
    file = digits_folder / "model.keras"
    if change == "forgets":  # as files were before, and as after `fit` of Keras
        file = tmp_path / "model.keras"
        vae = keras.saving.load_model(digits_folder / "model.keras")
        vae.protocol = None
        vae.save(file)
        diagnose_keras_file(file, "digits", None, 20, 0, True, binarization="static")
    if change == "foreign":
        file = tmp_path / "model.keras"
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(file)
    with pytest.raises(ConfigError, match=words) as error:
        diagnose_keras_file(file, "digits", likelihood, cheap=True)
    assert "\n" not in str(error.value)


def test_a_keras_file_of_a_table_reads_its_rows_and_conditions_as_training_did(people, tmp_path):
    options = {"condition": ("day",), "label_column": "member", "ignore": ("town",)}
    config = Config(data=str(people), hidden=(8,), binarize="none", likelihood="columns", **options)
    dataset = load_data(people, **options)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    build_vae(config, dataset).save(tmp_path / "model.keras")
    found = diagnose_keras_file(tmp_path / "model.keras", people, cheap=True)
    assert "3 columns of a table" in found.protocol
    assert found.figures["examples_of_split"] == len(dataset.test)
