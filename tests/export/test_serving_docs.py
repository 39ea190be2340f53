"""What docs/serving.md says is so: its calls are made, its files are parsed, its tables compared.

The calls go to the server itself where `tensorflow_model_server` is on the PATH, and to a stand-in:
the official gRPC service and the REST API, in front of the signatures of a real exported version.
The stand-in reads and writes JSON as the server's documents (tensorflow.org/tfx/serving/api_rest)
and its json_tensor.cc say, but refuses more: unknown keys, and every shape but the signature's.
"""

import base64
import contextlib
import gc
import itertools
import json
import os
import posixpath
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import click
import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    text_format,
    wrappers_pb2,
)
from keras_vae_cli.main import kvae
from reference import bernoulli_log_prob, kl_from_standard_normal, normal_log_density
from scipy.special import logsumexp
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from tensorflow_serving.config import model_server_config_pb2

from keras_vae.distributions import normal_posterior
from keras_vae.export import BATCH_SIZES, SAMPLES, list_versions
from keras_vae.export.seeds import latent_seed
from keras_vae.files.versions import publish, unfinished
from keras_vae.runs import folder as runs_folder

DOCUMENT = Path(__file__).parents[2] / "docs" / "serving.md"
TEXT = DOCUMENT.read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, flags=re.M | re.S)
SHELL = [code for language, code in BLOCKS if language == "sh"]
CLIENT, LAYER, KEPT = [code for language, code in BLOCKS if language == "python"]
DOCKER = [code for code in SHELL if code.startswith("docker run ")]
# What `serving/NAME` holds
FILES = dict(re.findall(r"`serving/(\S+)`:\n\n```textproto\n(.*?)^```", TEXT, flags=re.M | re.S))
# Name in the first line of a call -> (call, the reply that is shown after it)
CALLS = {
    re.match("# (.*)\n", code)[1]: (code, reply)
    for (language, code), (reply_language, reply) in itertools.pairwise(BLOCKS)
    if (language, reply_language) == ("sh", "json")
}
# The calls of :predict -> how their reply is wrapped
FORMATS = {
    "sample": "predictions",
    "decode": "outputs",
    "encode": "predictions",
    "score": "outputs",
    "score_image": "predictions",
}
REST, GRPC = "localhost:8501", "localhost:8500"  # in the document
HAS_SERVER = shutil.which("tensorflow_model_server") is not None
SERVERS = ["stand-in", *(["server", "server with batching"] if HAS_SERVER else [])]
SECONDS = 60  # that a call, or the server's start, may take


class Server(NamedTuple):
    """Addresses."""

    rest: str
    grpc: str


class Model:
    """The signatures of a version, asked with tensors of exactly their dtypes and shapes."""

    def __init__(self, version):
        self.loaded = tf.saved_model.load(str(version))
        saved = saved_model_pb2.SavedModel.FromString((version / "saved_model.pb").read_bytes())
        self.definitions = saved.meta_graphs[0].signature_def

    def specs(self, signature):
        """Name of an input -> `tf.TensorSpec`."""
        if signature not in self.loaded.signatures:
            raise ValueError(f'Serving signature name: "{signature}" not found in signature def')
        return self.loaded.signatures[signature].structured_input_signature[1]

    def answer(self, signature, **inputs):
        """Output -> array."""
        tensors = {name: tf.convert_to_tensor(value) for name, value in inputs.items()}
        for name, spec in self.specs(signature).items():
            if name not in tensors or not spec.is_compatible_with(tensors[name]):
                raise ValueError(f"{name} must be {spec}, not {tensors.get(name)}")
        outputs = self.loaded.signatures[signature](**tensors)
        return {name: output.numpy() for name, output in outputs.items()}


def read_json(value, dtype):
    """Nested lists in JSON -> a tensor; what is ragged or of another type is an error."""

    def read(value):
        if isinstance(value, dict):
            return base64.b64decode(value["b64"], validate=True)
        return [read(element) for element in value] if isinstance(value, list) else value

    return tf.constant(read(value), dtype)


def predict(model, body):
    """What :predict replies to a request in JSON."""
    request = json.loads(body)
    signature = request.pop("signature_name", "serving_default")
    if list(request) not in (["instances"], ["inputs"]):
        raise ValueError(f"expecting only one of 'inputs' or 'instances', not {list(request)}")
    ((form, values),) = request.items()
    specs = model.specs(signature)

    def named(value):
        is_object = isinstance(value, dict) and set(value) != {"b64"}
        values = value if is_object else dict.fromkeys(list(specs)[:1], value)
        if set(values) != set(specs):
            raise ValueError(f"keys must be equal to: {sorted(specs)}")
        return values

    if form == "instances":
        rows = [named(row) for row in values]
        columns = {name: [row[name] for row in rows] for name in specs}
    else:
        columns = named(values)
    inputs = {name: read_json(columns[name], spec.dtype) for name, spec in specs.items()}
    outputs = {name: rows.tolist() for name, rows in model.answer(signature, **inputs).items()}
    (first, *others) = outputs
    if form == "inputs":
        return {"outputs": outputs if others else outputs[first]}
    rows = [dict(zip(outputs, row, strict=True)) for row in zip(*outputs.values(), strict=True)]
    return {"predictions": rows if others else outputs[first]}


def as_json(message):
    return json_format.MessageToDict(
        message, always_print_fields_with_no_presence=True, preserving_proto_field_name=True
    )


def status():
    response = get_model_status_pb2.GetModelStatusResponse()
    response.model_version_status.add(version=1, state="AVAILABLE").status.SetInParent()
    return as_json(response)


def metadata(model):
    spec = get_model_metadata_pb2.GetModelMetadataResponse().model_spec
    spec.name, spec.version.value = "vae", 1
    definitions = get_model_metadata_pb2.SignatureDefMap(signature_def=model.definitions)
    return {"model_spec": as_json(spec), "metadata": {"signature_def": as_json(definitions)}}


class Rest(BaseHTTPRequestHandler):
    """The REST API, for the model called vae."""

    def do_GET(self):
        replies = {
            "/v1/models/vae": status,
            "/v1/models/vae/metadata": lambda: metadata(self.server.model),
        }
        self.reply(replies.get(self.path))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_known = self.path == "/v1/models/vae:predict"
        self.reply(is_known and (lambda: predict(self.server.model, body)))

    def reply(self, make):
        try:
            code, content = (200, make()) if make else (404, {"error": f"no {self.path}"})
        except (ValueError, TypeError, tf.errors.OpError) as error:
            code, content = 400, {"error": str(error)}
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        # with NaN and Infinity, as the server (its api_rest, "JSON conformance")
        self.wfile.write(json.dumps(content, indent=4).encode())

    def log_message(self, *arguments):
        pass


class Grpc(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The gRPC service, for the model called vae."""

    def __init__(self, model):
        self.model = model

    def Predict(self, request, context):
        spec, response = request.model_spec, predict_pb2.PredictResponse()
        inputs = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        if spec.name != "vae":
            context.abort(grpc.StatusCode.NOT_FOUND, f"Servable not found: {spec.name}")
        for name, output in self.model.answer(spec.signature_name, **inputs).items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(output))
        return response


@contextlib.contextmanager
def stand_in(model):
    """Answers both APIs until it is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Rest) as rest:
        rest.model = model
        thread = threading.Thread(target=rest.serve_forever)
        thread.start()
        service = grpc.server(ThreadPoolExecutor(2))
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Grpc(model), service)
        port = service.add_insecure_port("127.0.0.1:0")
        service.start()
        try:
            yield Server(f"127.0.0.1:{rest.server_port}", f"127.0.0.1:{port}")
        finally:
            service.stop(None).wait()
            rest.shutdown()
            thread.join()


@contextlib.contextmanager
def real_server(folder, log, *options):
    """`tensorflow_model_server` on free ports, once the version is available, until it is left."""
    with socket.socket() as first, socket.socket() as second:
        for free in (first, second):
            free.bind(("127.0.0.1", 0))
        ports = [free.getsockname()[1] for free in (first, second)]
    command = [
        "tensorflow_model_server",
        f"--port={ports[0]}",
        f"--rest_api_port={ports[1]}",
        "--model_name=vae",
        f"--model_base_path={folder}",
        *options,
    ]
    with open(log, "wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        server = Server(f"127.0.0.1:{ports[1]}", f"127.0.0.1:{ports[0]}")
        end = time.monotonic() + SECONDS
        while not is_available(server):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{shlex.join(command)} does not serve:\n{log.read_text()[-3000:]}")
            time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_available(server):
    try:
        (version,) = get_json(server, "/v1/models/vae")["model_version_status"]
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except (OSError, ValueError):
        return False
    return version["state"] == "AVAILABLE"


def get_json(server, path, body=None):
    """A reply in JSON; proxies of the environment are not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    body = body if body is None else json.dumps(body).encode()
    with opener.open(f"http://{server.rest}{path}", body, timeout=SECONDS) as reply:
        return json.load(reply)


def shell(script, folder):
    """What a script of the document prints, run in `folder`; `python` is this one."""
    done = subprocess.run(
        ["sh", "-e", "-c", f'python() {{ "$PYTHON" "$@"; }}\n{script}'],
        cwd=folder,
        env=os.environ | {"PYTHON": sys.executable, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def model(exported):
    return Model(exported.path)


@pytest.fixture(scope="module")
def place(exported, tmp_path_factory):
    """A folder with saved_models/vae/1 and the files that the document makes; read only."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copytree(exported.path.parent, folder / "saved_models" / "vae")
    (script,) = [code for code in SHELL if code.startswith("# requests\n")]
    shell(script, folder)
    return folder


@pytest.fixture(scope="module", params=SERVERS)
def server(request, place, tmp_path_factory):
    """What the calls go to."""
    if request.param == "stand-in":
        with stand_in(request.getfixturevalue("model")) as server:
            yield server
        return
    folder, options = tmp_path_factory.mktemp("server"), []
    if request.param == "server with batching":
        (folder / "batching_parameters.txt").write_text(FILES["batching_parameters.txt"])
        (call,) = [call for call in DOCKER if "--enable_batching" in call]
        flags = docker_run(call, place).flags
        options = [flag.replace("/config", str(folder)) for flag in flags]
    with real_server(place / "saved_models" / "vae", folder / "log", *options) as server:
        yield server


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # gRPC asks proxies of the environment


@pytest.fixture(scope="module")
def curl(server, place):
    """Makes a call of the document as it stands there, but for the address; its reply."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not on the PATH")

    def curl(name):
        script = CALLS[name][0]
        assert script.count(REST) == 1
        return json.loads(shell(script.replace(REST, server.rest), place))

    return curl


@pytest.fixture(scope="module")
def inputs(place):
    """What the calls of :predict ask, put down here once more."""
    with np.load(place / "saved_models/vae/1/assets.extra/reference.npz") as answers:
        x = answers["encode/inputs/x"][2:4]
    seed = np.array([7, 8, 9])
    return {
        "sample": {"seed": seed},
        "decode": {"z": np.float32([[0.5, -1]])},
        "encode": {"x": x},
        "score": {"x": x, "seed": seed[:2]},
        "score_image": {
            "image_bytes": np.array([(place / "digit.png").read_bytes()], object),
            "seed": seed[:1],
        },
    }


def assert_close(received, expected):
    """Equal shapes, and numbers within 1e-5 of the larger of 1 and the number."""
    assert received.keys() == expected.keys()
    for name, right in expected.items():
        assert np.shape(received[name]) == np.shape(right), name
        error = np.abs(np.asarray(received[name]) - right) / np.maximum(1, np.abs(right))
        assert error.max() <= 1e-5, name


def test_there_is_a_call_of_every_kind():
    assert set(CALLS) == {"status", "metadata", *FORMATS}
    assert set(FORMATS.values()) == {"predictions", "outputs"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_call_gets_the_answer_of_the_signature(name, curl, model, inputs):
    reply = curl(name)
    assert list(reply) == [FORMATS[name]]
    received, expected = reply[FORMATS[name]], model.answer(name, **inputs[name])
    if len(expected) == 1:
        received = dict.fromkeys(expected, received)
    elif FORMATS[name] == "predictions":
        received = {key: [row[key] for row in received] for key in received[0]}
    assert_close(received, expected)


def test_the_status_is_available_and_the_metadata_name_the_signatures(curl, exported):
    (version,) = curl("status")["model_version_status"]
    assert (version["version"], version["state"]) == ("1", "AVAILABLE")
    definitions = curl("metadata")["metadata"]["signature_def"]["signature_def"]
    for name, described in exported.metadata["signatures"].items():
        for side, tensors in described.items():
            sizes = {
                key: [int(dim["size"]) for dim in tensor["tensor_shape"]["dim"]]
                for key, tensor in definitions[name][side].items()
            }
            assert sizes == {
                key: [-1 if size is None else size for size in tensor["shape"]]
                for key, tensor in tensors.items()
            }


@pytest.mark.parametrize("name", CALLS)
def test_the_reply_that_is_shown_has_the_form_of_the_one_that_comes(name, curl):
    # `...` ends what is shown of a list or an object
    shown = re.sub(r"\.\.\.(?=\s*\])", '"..."', CALLS[name][1])
    shown = json.loads(re.sub(r"\.\.\.(?=\s*\})", '"...": 0', shown))
    assert_has_form(curl(name), shown)


def assert_has_form(reply, shown):
    assert type(reply) is type(shown), (reply, shown)
    if isinstance(shown, dict):
        keys = shown.keys() - {"..."}
        assert keys < reply.keys() if "..." in shown else keys == reply.keys()
        for key in keys:
            assert_has_form(reply[key], shown[key])
    elif isinstance(shown, list):
        count = shown.index("...") if "..." in shown else len(shown)
        assert count < len(reply) if "..." in shown else count == len(reply)
        for element, right in zip(reply, shown[:count], strict=False):
            assert_has_form(element, right)
    elif isinstance(shown, str):
        assert reply == shown


def test_the_base64_of_a_file_is_one_line(tmp_path):
    content = np.random.default_rng(0).bytes(1000)
    (tmp_path / "digit.png").write_bytes(content)
    (line,) = re.findall(r"^b64=.*", CALLS["score_image"][0], flags=re.M)
    assert shell(f'{line}\necho "$b64"', tmp_path) == base64.b64encode(content).decode() + "\n"


@pytest.mark.parametrize(
    "body",
    [
        {"signature_name": "sample", "instances": [7.0]},
        {"signature_name": "sample", "inputs": ["7"]},
        {"signature_name": "sample"},
        {"signature_name": "sample", "instance": [7]},
        {"signature_name": "sample", "instances": [7], "inputs": [7]},
        {"signature_name": "samples", "instances": [7]},
        {"signature_name": "decode", "inputs": {"z": [["0.5", "-1"]]}},
        {"signature_name": "decode", "inputs": {"z": [[0.5, -1, 0]]}},
        {"signature_name": "decode", "inputs": {"z": [[0.5, -1], [0]]}},
        {"signature_name": "decode", "inputs": {"x": [[0.5, -1]]}},
        {"signature_name": "score", "instances": [[[0] * 8] * 8]},
        {"signature_name": "score", "inputs": {"x": [[[0] * 8] * 8]}},
        {"signature_name": "encode_image", "instances": [{"b64": "no PNG"}]},
        {"signature_name": "encode_image", "instances": [7]},
    ],
    ids=lambda body: json.dumps(body)[19:60],
)
def test_a_wrong_request_is_an_error_in_json(body, server):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get_json(server, "/v1/models/vae:predict", body)
    with caught.value as error:
        assert 400 <= error.code < 500
        assert json.load(error)["error"]


@pytest.mark.parametrize("server", ["stand-in"], indirect=True)
def test_the_stand_in_refuses_a_shape_that_has_only_the_right_number_of_pixels(server):
    body = {"signature_name": "encode", "instances": [[[0] * 16] * 4]}
    with pytest.raises(urllib.error.HTTPError) as caught:
        get_json(server, "/v1/models/vae:predict", body)
    caught.value.close()


def test_a_row_that_cannot_be_is_minus_infinity_and_its_neighbour_is_answered(server):
    x = [[[0] * 8] * 8, [[255] * 8] * 8]
    body = {"signature_name": "score", "inputs": {"x": x, "seed": [7, 8]}}
    score = get_json(server, "/v1/models/vae:predict", body)["outputs"]
    for name in ("elbo", "importance_weighted_bound"):
        assert score[name][1] == -np.inf
    assert score["distortion"][1] == np.inf
    assert np.isnan(score["rate"][1])
    assert np.isfinite([rows[0] for rows in score.values()]).all()


def test_a_layer_of_keras_gives_the_scores_of_the_keras_model(place, exported, monkeypatch):
    monkeypatch.chdir(place)
    names = {}
    exec(compile(LAYER, str(DOCUMENT), "exec"), names)
    expected = keras_scores(exported.run.vae, names["x"], names["seed"])["elbo"]
    assert_close({"elbo": names["elbo"]}, {"elbo": expected})


def test_a_signature_needs_the_loaded_object_under_a_function(place, inputs, model, monkeypatch):
    monkeypatch.chdir(place)
    names, x = {}, tf.constant(inputs["encode"]["x"])
    exec(compile(KEPT, str(DOCUMENT), "exec"), names)
    expected = model.answer("encode", x=x)["z_mean"]
    gc.collect()
    assert_close({"z_mean": names["codes"](x)}, {"z_mean": expected})

    names.clear()
    exec(compile(KEPT, str(DOCUMENT), "exec"), names)
    del names["loaded"]
    gc.collect()
    assert_close(names["encode"](x=x), model.answer("encode", x=x))
    with pytest.raises(AssertionError, match="deleted"):
        names["codes"](x)


def test_the_table_of_the_runtimes_has_a_row_for_every_signature(exported):
    """What stands in it is measured by benchmarks/converters.py, whose packages are not here."""
    table = re.search(r"<!-- converters -->\n(.*)<!-- /converters -->", TEXT, re.S)[1]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()]
    (_, *runtimes), _, *rows = rows
    assert {row[0].strip("`") for row in rows} == set(exported.metadata["signatures"])
    assert {cell for row in rows for cell in row[1:]} <= {"yes", "no", "written, refused"}
    assert all(len(row) == 1 + len(runtimes) for row in rows)
    source = (DOCUMENT.parents[1] / "benchmarks" / "converters.py").read_text()
    listed = ", ".join(f'"{name}": {name.lower()}' for name in runtimes)
    assert f"RUNTIMES = {{{listed}}}\n" in source


def test_a_single_output_loses_its_name_in_both_formats(server):
    rows, columns = (
        get_json(server, "/v1/models/vae:predict", {"signature_name": "decode", key: [[0.5, -1]]})
        for key in ("instances", "inputs")
    )
    assert rows == {"predictions": columns["outputs"]}
    assert np.shape(columns["outputs"]) == (1, 8, 8)


def test_a_seed_gives_the_same_image_bit_for_bit_alone_and_in_a_batch(server):
    def sample(seeds):
        body = {"signature_name": "sample", "inputs": seeds}
        outputs = get_json(server, "/v1/models/vae:predict", body)["outputs"]
        return {name: np.float32(rows) for name, rows in outputs.items()}

    crowd = sample([*range(-20, 7), 7, *range(8, 44)])
    for name, rows in sample([7]).items():
        assert rows.tobytes() == crowd[name][27:28].tobytes()
        assert rows.tobytes() != crowd[name][26:27].tobytes()


def test_a_seed_gives_the_same_image_bit_for_bit_when_the_version_is_loaded_again(model, exported):
    again = Model(exported.path).answer("sample", seed=np.array([3, 7]))
    for name, rows in model.answer("sample", seed=np.array([7])).items():
        assert rows.tobytes() == again[name][1:].tobytes()


def test_rows_with_the_same_seed_use_the_same_noise():
    z_mean, z_log_var = np.float32([[1, -2], [0.5, 3]]), np.float32([[0, 1], [-2, 0.5]])
    noise = [
        (normal_posterior(m, v).sample(5, seed=latent_seed(np.int64(7))) - m) / np.exp(v / 2)
        for m, v in zip(z_mean, z_log_var, strict=True)
    ]
    np.testing.assert_allclose(noise[0], noise[1], atol=1e-5)


def keras_scores(vae, x, seed):
    """What `score` should answer: from the Keras model and NumPy, without the export."""
    z_mean, z_log_var = vae.encode(x)
    rows = zip(z_mean, z_log_var, seed, strict=True)
    z = np.stack([normal_posterior(m, v).sample(SAMPLES, seed=latent_seed(s)) for m, v, s in rows])
    logits = vae.decoder(z.reshape(-1, vae.latent_dim)).numpy().reshape(len(x), SAMPLES, -1)
    log_likelihood = bernoulli_log_prob(x.reshape(len(x), 1, -1), logits).sum(axis=-1)
    log_prior = normal_log_density(z, 0, 0).sum(axis=-1)
    log_posterior = normal_log_density(z, z_mean[:, None], z_log_var[:, None]).sum(axis=-1)
    rate, distortion = kl_from_standard_normal(z_mean, z_log_var), -log_likelihood.mean(axis=1)
    log_w = log_likelihood + log_prior - log_posterior
    return {
        "elbo": -(distortion + rate),
        "rate": rate,
        "distortion": distortion,
        "importance_weighted_bound": logsumexp(log_w, axis=1) - np.log(SAMPLES),
    }


def test_the_grpc_client_gets_the_scores_of_the_keras_model(server, place, exported, monkeypatch):
    assert CLIENT.count(GRPC) == 1
    monkeypatch.chdir(place)
    names = {}
    exec(compile(CLIENT.replace(GRPC, server.grpc), str(DOCUMENT), "exec"), names)
    received = {key: tf.make_ndarray(value) for key, value in names["response"].outputs.items()}
    assert len(names["x"]) == 8
    expected = keras_scores(exported.run.vae, names["x"], np.arange(8))
    assert_close(received, expected)
    assert names["elbo"].dtype == "float32"
    assert_close({"elbo": names["elbo"]}, {"elbo": expected["elbo"]})


@pytest.mark.skipif(
    not HAS_SERVER,
    reason="tensorflow_model_server is not on the PATH: only the stand-in was asked in this file",
)
@pytest.mark.parametrize("server", ["server with batching"], indirect=True)
def test_more_rows_than_the_largest_batch_are_refused(server):
    body = {"signature_name": "decode", "inputs": [[0.0, 0.0]] * (BATCH_SIZES[-1] + 1)}
    with pytest.raises(urllib.error.HTTPError) as caught:
        get_json(server, "/v1/models/vae:predict", body)
    caught.value.close()


@pytest.mark.parametrize("server", ["stand-in"], indirect=True)
def test_a_large_reply_needs_the_option_that_the_document_names(server):
    (option,) = re.findall(r"`options=(\[.*?\])`", TEXT)
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "vae", "decode"

    def ask(rows, **options):
        request.inputs["z"].CopyFrom(tf.make_tensor_proto(np.zeros((rows, 2), "float32")))
        with grpc.insecure_channel(server.grpc, **options) as channel:
            service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            return service.Predict(request, timeout=SECONDS).outputs["mean"]

    rows = 2**22 // (64 * 4)  # 4 MB of images, without the names around them
    assert ask(rows - 1).tensor_shape.dim[0].size == rows - 1
    with pytest.raises(grpc.RpcError) as caught:
        ask(rows)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert ask(rows, options=eval(option)).tensor_shape.dim[0].size == rows


def test_the_batching_parameters_are_a_message_of_the_server_for_the_sizes_of_the_warmup():
    """The message, BatchingParameters of session_bundle_config.proto, is in no wheel: its fields
    are put down here, with their numbers and types, and the file is parsed as that."""
    file = descriptor_pb2.FileDescriptorProto(
        name="batching_parameters.proto",
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    message = file.message_type.add(name="BatchingParameters")
    names = ("max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads")
    for number, name in enumerate(names, start=1):
        field = message.field.add(name=name, number=number, type="TYPE_MESSAGE")
        field.type_name = ".google.protobuf.Int64Value"
    message.field.add(
        name="allowed_batch_sizes", number=6, type="TYPE_INT64", label="LABEL_REPEATED"
    )
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    cls = message_factory.GetMessageClass(pool.FindMessageTypeByName("BatchingParameters"))
    parameters = text_format.Parse(FILES["batching_parameters.txt"], cls())
    assert tuple(parameters.allowed_batch_sizes) == BATCH_SIZES == tuple(sorted(BATCH_SIZES))
    assert parameters.max_batch_size.value == BATCH_SIZES[-1]
    assert all(getattr(parameters, name).value > 0 for name in names)
    assert f"at most {parameters.batch_timeout_micros.value} microseconds" in TEXT


def test_the_configuration_of_the_server_pins_a_version():
    config = text_format.Parse(FILES["models.config"], model_server_config_pb2.ModelServerConfig())
    (served,) = config.model_config_list.config
    assert (served.name, served.base_path) == ("vae", "/models/vae")
    assert served.model_platform == "tensorflow"
    assert list(served.model_version_policy.specific.versions) == [1]


class DockerRun(NamedTuple):
    """A `docker run` line, as the shell gives it to docker."""

    options: dict  # -p, -v, -e -> their values
    image: str
    flags: list  # of the server


def docker_run(call, folder):
    words = shell(f"docker() {{ printf '%s\\n' \"$@\"; }}\n{call}", folder).splitlines()
    assert words[:2] == ["run", "--rm"]
    options, rest = {}, words[2:]
    while rest[0].startswith("-"):
        options.setdefault(rest[0], []).append(rest[1])
        rest = rest[2:]
    return DockerRun(options, rest[0], rest[1:])


def model_mount(call, folder):
    """(folder of the host, folder of the container) of the mount that holds /models/vae."""
    mounts = [mount.split(":") for mount in docker_run(call, folder).options["-v"]]
    assert all(Path(source).is_absolute() and mode == "ro" for source, _, mode in mounts)
    ((source, target),) = [
        (Path(source), target) for source, target, _ in mounts if "/models/vae".startswith(target)
    ]
    return source, target


@pytest.mark.parametrize("call", DOCKER, ids=["plain", "batching", "pinned"])
def test_docker_serves_the_model_on_the_ports_that_the_calls_use(call, tmp_path):
    run = docker_run(call, tmp_path)
    assert set(run.options) == {"-p", "-v", "-e"}
    assert run.image == "tensorflow/serving"
    assert {f"localhost:{port.split(':')[0]}" for port in run.options["-p"]} == {REST, GRPC}
    assert {port.split(":")[1] for port in run.options["-p"]} == {"8500", "8501"}
    assert run.options["-e"] == ["MODEL_NAME=vae"]
    source, target = model_mount(call, tmp_path)
    assert source / posixpath.relpath("/models/vae", target) == tmp_path / "saved_models" / "vae"
    # Every file that a flag names is one that the document gives, where it is mounted.
    for flag in run.flags:
        if "/" in flag:
            path = Path(flag.partition("=")[2])
            assert f"{tmp_path}/serving:{path.parent}:ro" in run.options["-v"]
            assert path.name in FILES


def test_the_three_ways_to_start_differ_in_the_flags():
    flags = [set(re.findall(r"--(\w+)", call)) - {"rm"} for call in DOCKER]
    assert flags == [
        set(),
        {"enable_batching", "batching_parameters_file"},
        {"model_config_file", "model_config_file_poll_wait_seconds"},
    ]


@pytest.mark.parametrize("call", DOCKER, ids=["plain", "batching", "pinned"])
def test_what_docker_mounts_still_holds_the_version_after_a_new_fit(call, exported, tmp_path):
    models = tmp_path / "saved_models"
    shutil.copytree(exported.path.parent, models / "vae")
    source, target = model_mount(call, tmp_path)
    # An open folder stays the same folder under any name, as a mount does.
    mounted = os.open(source, os.O_RDONLY)
    try:
        working = runs_folder.begin(models, "vae", overwrite=True)
        runs_folder.publish(working, models / "vae", overwrite=True)
        version = posixpath.relpath("/models/vae/1/saved_model.pb", target)
        assert os.stat(version, dir_fd=mounted).st_size
    finally:
        os.close(mounted)


def test_a_version_that_is_taken_away_leaves_its_number_free(tmp_path):
    folder = tmp_path / "saved_models" / "vae"
    for name in "12":
        (folder / name).mkdir(parents=True)
    (script,) = [code for code in SHELL if code.startswith("mv ")]
    shell(script, tmp_path)
    assert list(list_versions(folder)) == [1]
    assert publish(unfinished(folder), folder).name == "2"
    assert "kvae export saved_models/vae --version 3" in TEXT


@pytest.mark.parametrize("call", re.findall(r"^kvae .*", TEXT, flags=re.M))
def test_the_command_lines_are_valid(call):
    _, name, *arguments = shlex.split(call)
    assert kvae.get_command(click.Context(kvae), name).make_context(name, arguments).params


def test_the_test_elbo_is_where_the_document_looks_for_it(place, exported):
    (script,) = [code for code in SHELL if "metrics" in code]
    figures, protocol = shell(script, place).splitlines()
    metrics = exported.run.metrics
    assert protocol == metrics["protocol"]
    elbo, deviation = map(float, figures.split())
    assert elbo == metrics["elbo"]
    assert deviation == pytest.approx(metrics["elbo_standard_error"] * metrics["examples"] ** 0.5)


def table(header):
    """The rows of the table in the document that begins with these columns: lists of cells."""
    lines = TEXT[TEXT.index(header) :].partition("\n\n")[0].splitlines()[2:]
    return [
        [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


def test_the_table_of_signatures_is_that_of_the_version(exported):
    rows = [[re.findall(r"`(\w+)`", cell) for cell in row] for row in table("| signature |")]
    shown = [
        (name, sorted(inputs), sorted(outputs)) for names, inputs, outputs in rows for name in names
    ]
    assert sorted(shown) == sorted(
        (name, sorted(described["inputs"]), sorted(described["outputs"]))
        for name, described in exported.metadata["signatures"].items()
    )


def test_the_table_of_tensors_is_that_of_the_version(exported):
    sizes = {"B": None, "H": 8, "W": 8, "d": 2}
    ranges = {"": None, "any": [None, None], ">= 0": [0, None]}
    shown = {}
    for name, dtype, shape, limits, meaning in table("| tensor |"):
        limits = ranges[limits] if limits in ranges else json.loads(limits)
        if dtype == "int64":
            limits = [-(2**63), 2**63 - 1]
        shape = [sizes[size] for size in re.findall(r"\w+", shape)]
        shown[name.strip("`")] = dtype, shape, limits, meaning
    for described in exported.metadata["signatures"].values():
        for name, tensor in (described["inputs"] | described["outputs"]).items():
            assert shown[name] == tuple(
                tensor[key] for key in ("dtype", "shape", "range", "meaning")
            )
    assert len(shown) == len(table("| tensor |"))


def test_the_places_in_the_metadata_are_there(exported):
    assert exported.metadata["warmup_batch_sizes"] == list(BATCH_SIZES)
    assert exported.metadata["versions"]["tensorflow"] == tf.__version__
    assert any("K = " in line for line in exported.metadata["serving_protocol"])
    assert exported.metadata["tolerance"] == 1e-5


def test_the_folder_holds_what_the_document_shows(place):
    tree = re.search(r"^saved_models/vae/ .*?\n\n?```", TEXT, flags=re.M | re.S)[0]
    shown = set(re.findall(r"^        (\S+?)/?  ", tree, flags=re.M))
    version = place / "saved_models" / "vae" / "1"
    assert {path.name for path in version.iterdir() if path.name != "assets"} == shown


def test_every_heading_that_the_document_links_to_exists():
    headings = {line.strip("# ").lower().replace(" ", "-") for line in TEXT.splitlines()}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
