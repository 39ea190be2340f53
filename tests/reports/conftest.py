"""The page's own decoder, run by node where it is there."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import keras_vae

DECODER = Path(keras_vae.__file__).parent / "reports" / "static" / "decoder.js"
PROGRAM = """
const { decoderOf } = require(process.argv[1]);
const given = JSON.parse(require("fs").readFileSync(0));
const decode = decoderOf(given.decoder);
const rows = given.z.map((z, i) => decode(
  Float32Array.from(z), given.condition && Float32Array.from(given.condition[i])));
console.log(JSON.stringify(rows.map((row) => Array.from(row))));
"""


@pytest.fixture(scope="session")
def decoded_by_page():
    """(packed decoder, z, condition) -> what the page decodes, (N, entries)."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    def decode(decoder, z, condition=None):
        told = None if condition is None else np.asarray(condition).tolist()
        given = {"decoder": decoder, "z": np.asarray(z).tolist(), "condition": told}
        done = subprocess.run(
            [node, "-e", PROGRAM, str(DECODER)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=True,
        )
        return np.array(json.loads(done.stdout))

    return decode
