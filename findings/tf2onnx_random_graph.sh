#!/bin/sh
# tf2onnx ends with 0 and writes a graph that onnxruntime refuses.
#
# Versions:  tf2onnx 1.17.0, onnxruntime 1.32.0, onnx 1.23.2, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: A converter that ends with 0 and writes a file has converted the model.
# Behaviour: The stateless random operation of a decoder that draws its own z is left in the file
# as an operation that ONNX does not have; the log has a line about it, the exit code is 0. Load
# what was written before it is shipped.
# Seen:
#   decode: tf2onnx ends with 0; onnxruntime: loads
#   sample: tf2onnx ends with 0; onnxruntime: InvalidGraph: [ONNXRuntimeError] : 10 : INVALID_GRAPH : Load model from sample.onnx failed:This is an invalid model. In Node, ("PartitionedCall/stateless_random_nor
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tensorflow==2.21.0 tf2onnx==1.17.0 onnxruntime==1.32.0 onnx==1.23.2 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import subprocess
import sys

import onnxruntime
import tensorflow as tf


class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([2], tf.int32, name="seed")])
    def sample(self, seed):
        return {"z": tf.random.stateless_normal([3, 2], seed)}

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="z")])
    def decode(self, z):
        return {"mean": tf.sigmoid(z @ tf.constant([[1.0, 2.0], [3.0, 4.0]]))}


model = Model()
tf.saved_model.save(model, "saved", {"sample": model.sample, "decode": model.decode})
seen = {}
for name in ("decode", "sample"):
    call = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", "saved", "--tag", "serve"]
    call += ["--signature_def", name, "--output", f"{name}.onnx"]
    code = subprocess.run(call, capture_output=True).returncode
    try:
        onnxruntime.InferenceSession(f"{name}.onnx")
        said = "loads"
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
    seen[name] = code, said
    print(f"{name}: tf2onnx ends with {code}; onnxruntime: {said}")
assert seen["decode"] == (0, "loads")
assert seen["sample"][0] == 0 and seen["sample"][1] != "loads"
END
