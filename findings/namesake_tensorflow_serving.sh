#!/bin/sh
# find_spec('tensorflow_serving') succeeds though tensorflow-serving-api is not installed.
#
# Versions:  tensorflow-serving-config 0.0.2; Python 3.11, Linux on x86-64, CPU
# Guess: The name tensorflow_serving belongs to tensorflow-serving-api, so finding it means that
# its messages can be imported.
# Behaviour: Another package provides the same name and not its module `apis`. Ask for the module
# that is needed.
# Seen:
#   find_spec('tensorflow_serving') finds it
#   find_spec('tensorflow_serving.apis') finds nothing
#   ModuleNotFoundError: No module named 'tensorflow_serving.apis'
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q --no-deps tensorflow-serving-config==0.0.2 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
from importlib.util import find_spec

found = {name: find_spec(name) is not None for name in ("tensorflow_serving", "tensorflow_serving.apis")}
for name, is_found in found.items():
    print(f"find_spec({name!r}) finds {'it' if is_found else 'nothing'}")
try:
    from tensorflow_serving.apis import predict_pb2
except ImportError as error:
    print(f"{type(error).__name__}: {error}")
assert found == {"tensorflow_serving": True, "tensorflow_serving.apis": False}
END
