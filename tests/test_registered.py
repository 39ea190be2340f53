import importlib
import subprocess
import sys

import keras

import keras_vae
from keras_vae.registered import CLASSES, register


def test_the_classes_are_those_that_their_modules_register():
    known = {name: importlib.import_module(f"keras_vae.{path}") for name, path in CLASSES.items()}
    for name, module in known.items():
        kind = getattr(module, name)
        assert keras.saving.get_registered_object(f"keras_vae>{name}") is kind
    ours = {name for name in keras.saving.get_custom_objects() if name.startswith("keras_vae>")}
    assert ours == {f"keras_vae>{name}" for name in CLASSES}


def test_a_class_that_is_not_loaded_is_loaded_by_the_config_that_names_it(monkeypatch):
    config = keras.saving.serialize_keras_object(keras_vae.objectives.Elbo(free_nats=0.5))
    known = keras.saving.get_custom_objects()
    monkeypatch.delitem(known, "keras_vae>Elbo")
    register()
    assert known["keras_vae>Elbo"] is not keras_vae.objectives.Elbo
    made = keras.saving.deserialize_keras_object(config)
    assert type(made) is keras_vae.objectives.Elbo
    assert made.get_config() == {"free_nats": 0.5}


HEAVY = ("tensorflow", "keras", "tensorflow_probability", "numpy", "sklearn", "scipy", "matplotlib")


def test_importing_the_package_loads_nothing_heavy_and_plain_keras_still_finds_its_classes(
    digits_folder,
):
    program = f"""
import sys
import keras_vae
print([name for name in {HEAVY!r} if name in sys.modules])
keras_vae.Config, keras_vae.KerasVAEError, keras_vae.files.read_run({str(digits_folder)!r})
print([name for name in {HEAVY!r} if name in sys.modules])
import keras
model = keras.saving.load_model({str(digits_folder / "model.keras")!r})
print(type(model).__module__, type(model.likelihood).__name__)
print([name for name in ("diagnosis", "plots", "export") if f"keras_vae.{{name}}" in sys.modules])
print(type(keras.__loader__.exec_module).__name__, "exec_module" in vars(keras.__loader__))
print([finder for finder in sys.meta_path if type(finder).__module__ == "keras_vae.registered"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "[]", "[]", "keras_vae.vae Bernoulli", "[]", "method False", "[]",
    ]  # fmt: skip
