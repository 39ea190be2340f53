"""How far is a model trained in half precision from its export in float32?

Usage: python benchmarks/export_precision.py

Trains the default model for 8 epochs under each policy, exports it, and compares: the SavedModel
with Keras in float32, and float32 with the precision of training, on the export's reference rows
(among them images of all 0 and all 1) and on the 500 test digits.
"""

import tempfile

import keras
import numpy as np
import tensorflow as tf

import keras_vae as kv


def relative(half, full):
    """(norm of the difference / norm, largest difference / largest value)."""
    difference = half - full
    return (
        np.linalg.norm(difference) / np.linalg.norm(full),
        np.abs(difference).max() / np.abs(full).max(),
    )


for policy in ("mixed_float16", "mixed_bfloat16"):
    with tempfile.TemporaryDirectory() as folder:
        keras.config.set_dtype_policy(policy)
        run = kv.fit(kv.Config(epochs=8), folder)
        keras.config.set_dtype_policy("float32")
        path, metadata = run.export()
        print(policy)
        outputs = metadata["differences"].items()
        parity = {name: max(values.values()) for name, values in outputs}
        print("  SavedModel - Keras in float32:", {n: f"{d:.1e}" for n, d in parity.items()})
        trained = metadata["differences_from_training_precision"].items()
        worst = {name: max(values.values()) for name, values in trained}
        print("  reference rows, relative norm:", {n: f"{d:.1e}" for n, d in worst.items()})
        x = run.examples(run.load_data(), "test").x
        served = tf.saved_model.load(str(path)).signatures
        encoded, z_mean_and_log_var = served["encode"](x=x), run.vae.encode(x)
        for name, half in zip(("z_mean", "z_log_var"), z_mean_and_log_var, strict=True):
            norm, largest = relative(half, encoded[name].numpy())
            print(
                f"  500 test digits, {name}: {norm:.1e} of the norm, {largest:.1e} of the largest"
            )
        half = run.vae.predict(x, verbose=0)
        norm, largest = relative(half, served["reconstruct"](x=x)["reconstruction"].numpy())
        print(f"  500 test digits, reconstruction: {norm:.1e} of the norm, {largest:.1e} at most")
