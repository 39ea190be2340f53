import json
import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "tensorflow_probability", "numpy", "sklearn", "scipy", "matplotlib")


def printed(program):
    """What a fresh process prints, a line of JSON each."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{program}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return list(map(json.loads, done.stdout.splitlines()))


def test_importing_the_package_loads_nothing_heavy_and_plain_keras_still_finds_its_classes(
    digits_folder,
):
    program = f"""
def loaded(names):
    print(json.dumps([name for name in names if name in sys.modules]))

import keras_vae
loaded({HEAVY!r})
keras_vae.Config, keras_vae.KerasVAEError, keras_vae.files.read_run({str(digits_folder)!r})
loaded({HEAVY!r})
import keras
loaded(["keras_vae." + name for name in ("vae", "diagnosis", "plots", "export")])
model = keras.saving.load_model({str(digits_folder / "model.keras")!r})
print(json.dumps([type(model).__module__, type(model.likelihood).__name__]))
left = [finder for finder in sys.meta_path if type(finder).__module__.startswith("keras_vae")]
print(json.dumps([len(left), "exec_module" in vars(keras.__loader__)]))
"""
    assert printed(program) == [
        [],
        [],
        ["keras_vae.vae"],
        ["keras_vae.vae", "Bernoulli"],
        [0, False],
    ]


def test_keras_that_is_loaded_before_the_package_finds_its_classes_too():
    program = """
import keras
import keras_vae
print(json.dumps(sorted(name for name in keras.saving.get_custom_objects() if "keras_vae" in name)))
"""
    (known,) = printed(program)
    assert {"keras_vae>VAE", "keras_vae>OutputBias", "keras_vae>Elbo", "keras_vae>Sampling"} <= {
        *known
    }


@pytest.mark.slow
@pytest.mark.parametrize("first", ["data", "loop", "sampling"])  # each imports Keras itself
def test_any_part_can_be_the_first_that_is_loaded(first):
    program = f"""
import keras_vae.{first} as part
import keras_vae, keras
print(json.dumps([part is getattr(keras_vae, {first!r}), part.__spec__.origin is not None]))
print(json.dumps("keras_vae>VAE" in keras.saving.get_custom_objects()))
"""
    assert printed(program) == [[True, True], True]
