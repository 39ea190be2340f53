"""A SavedModel answers a C program, without Python, as the Keras model answers."""

import contextlib
import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from reference import bernoulli_log_prob, kl_from_standard_normal, normal_log_density
from scipy.special import logsumexp
from tensorflow.core.protobuf import saved_model_pb2

import keras_vae
from keras_vae.distributions import normal_posterior
from keras_vae.export.saved_model import write_saved_model
from keras_vae.export.signatures import signatures
from keras_vae.networks import conv_decoder, conv_encoder, mlp_decoder, mlp_encoder

SOURCE = Path(__file__).parents[2] / "examples" / "serve_in_c.c"
SAMPLES = 7  # the K of the importance-weighted bound


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Name -> (VAE, the folder that it is exported to); read only."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    binary = keras_vae.VAE(mlp_encoder((6,), 2, hidden=(16,)), mlp_decoder((6,), 2, hidden=(16,)))
    images = keras_vae.VAE(
        conv_encoder((8, 8), 3, hidden=(4, 8)),
        conv_decoder((8, 8), 3, hidden=(4, 8)),
        likelihood="gaussian",
    )
    exported = {}
    for name, vae in (("binary", binary), ("images", images)):
        # Biases and the likelihood's sigma start at values that a server could get by chance.
        vae.set_weights([w + rng.normal(scale=0.2, size=w.shape) for w in vae.get_weights()])
        exported[name] = vae, tmp_path_factory.mktemp(name)
        functions = signatures(vae, SAMPLES, "none" if name == "images" else None)
        write_saved_model(exported[name][1], functions)
    return exported


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The example, compiled with the commands in its header; every warning is an error."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not on the PATH")
    folder = tmp_path_factory.mktemp("program")
    shutil.copy(SOURCE, folder)
    header = SOURCE.read_text().partition("*/")[0]
    places = {}
    for name, code in re.findall(r'^  (\w+)=\$\(python -c "(.*)"\)$', header, re.MULTILINE):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code)
        places[name] = printed.getvalue().strip()
    (compile_it,) = re.findall(r"^  gcc .*\\\n.*$", header, re.MULTILINE)
    done = subprocess.run(
        f"{compile_it} -Wall -Wextra -Werror",
        shell=True,
        cwd=folder,
        env=os.environ | places,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "serve_in_c"


@pytest.fixture
def run(program, tmp_path):
    """Runs the program in `tmp_path`, with nothing in its environment that leads to Python."""

    def run(folder, calls):
        return subprocess.run(
            [program, folder],
            input=calls,
            cwd=tmp_path,
            env={"TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def ask(run, tmp_path):
    """Makes calls (signature, inputs) in one process; returns each one's outputs by name."""

    def ask(folder, calls):
        text = ""
        for i, (signature, inputs) in enumerate(calls):
            ins, outs = tensor_names(folder, signature)
            assert set(inputs) == set(ins)
            for name, value in inputs.items():
                data = value if isinstance(value, bytes) else value.tobytes()
                (tmp_path / f"{i}.{name}").write_bytes(data)
                text += f"feed {ins[name]} {i}.{name}\n"
            text += "".join(f"fetch {tensor} {i}.{name}\n" for name, tensor in outs.items())
            text += "run\n"
        done = run(folder, text)
        assert done.returncode == 0, done.stderr
        answers = [{} for _ in calls]
        for i, name, shape in re.findall(r"^(\d+)\.(\w+) float32 \[(.*)\]$", done.stdout, re.M):
            shape = [int(size) for size in shape.split(", ")]
            numbers = np.fromfile(tmp_path / f"{i}.{name}", "float32")
            answers[int(i)][name] = numbers.reshape(shape)
        return answers

    return ask


def tensor_names(folder, signature):
    """({input: tensor}, {output: tensor}) of a signature, as `saved_model_cli show` prints them."""
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    definition = saved.meta_graphs[0].signature_def[signature]
    return tuple(
        {name: info.name for name, info in tensors.items()}
        for tensors in (definition.inputs, definition.outputs)
    )


def expected(vae, signature, x=None, z=None, seed=None):
    """What a signature should answer, from the Keras model and NumPy, without the export."""
    if signature == "encode":
        return dict(zip(("z_mean", "z_log_var"), vae.encode(x), strict=True))
    if signature == "decode":
        return {"mean": vae.decode(z)}
    if signature == "sample":
        prior = vae.prior.distribution(vae.latent_dim)
        z = np.stack([prior.sample(seed=pair) for pair in halves(seed)])
        return {"z": z, "mean": vae.decode(z)}
    if signature == "score":
        return expected_score(vae, x, seed)
    return {"reconstruction": vae.decode(vae.encode(x)[0])}


def expected_score(vae, x, seed):
    z_mean, z_log_var = vae.encode(x)
    rows = zip(z_mean, z_log_var, halves(seed), strict=True)
    z = np.stack([normal_posterior(m, v).sample(SAMPLES, seed=pair) for m, v, pair in rows])
    parameters = vae.decoder(z.reshape(-1, vae.latent_dim)).numpy()
    parameters = parameters.reshape(len(x), SAMPLES, -1)
    entries = x.reshape(len(x), 1, -1)
    if isinstance(vae.likelihood, keras_vae.distributions.Gaussian):
        x_log_var = 2 * np.log(np.float64(vae.likelihood.sigma))
        log_likelihood = normal_log_density(entries, parameters, x_log_var).sum(axis=-1)
    else:
        log_likelihood = bernoulli_log_prob(entries, parameters).sum(axis=-1)
    log_prior = normal_log_density(z, 0, 0).sum(axis=-1)
    log_posterior = normal_log_density(z, z_mean[:, None], z_log_var[:, None]).sum(axis=-1)
    log_w = log_likelihood + log_prior - log_posterior  # (rows, SAMPLES)
    rate, distortion = kl_from_standard_normal(z_mean, z_log_var), -log_likelihood.mean(axis=1)
    return {
        "elbo": -(distortion + rate),
        "rate": rate,
        "distortion": distortion,
        "importance_weighted_bound": logsumexp(log_w, axis=1) - np.log(SAMPLES),
    }


def halves(seed):
    """int64 (rows,) -> int32 (rows, 2): the lower and the upper half of each seed."""
    return np.stack([seed & 0xFFFFFFFF, seed >> 32], axis=1).astype("int32")


def assert_answers(answers, expectations):
    """Equal shapes, and numbers within 1e-5 of the larger of 1 and the number."""
    assert answers.keys() == expectations.keys()
    for name, answer in answers.items():
        expectation = np.asarray(expectations[name], "float64")
        assert answer.shape == expectation.shape, name
        error = np.abs(answer - expectation) / np.maximum(1, np.abs(expectation))
        assert error.max() <= 1e-5, name


@pytest.mark.parametrize("name", ["binary", "images"])
def test_one_c_process_answers_as_keras_does_for_one_row_and_for_many(models, ask, name):
    vae, folder = models[name]
    rng = np.random.default_rng(1)
    calls = []
    for rows in (1, 5, 40):  # 40 images are more than the program reads from a file at once
        x = rng.integers(0, 2, size=(rows, *vae.event_shape)).astype("float32")
        z = rng.normal(size=(rows, vae.latent_dim)).astype("float32")
        # Of all 64 bits, so that a server that drops some is found out.
        seed = rng.integers(-(2**63), 2**63, size=rows, dtype="int64")
        calls += [
            ("serving_default", {"x": x}),
            ("reconstruct", {"x": x}),
            ("encode", {"x": x}),
            ("decode", {"z": z}),
            ("sample", {"seed": seed}),
            ("score", {"seed": seed, "x": x}),
        ]
    for answers, (signature, inputs) in zip(ask(folder, calls), calls, strict=True):
        assert_answers(answers, expected(vae, signature, **inputs))


def test_a_png_file_is_answered_as_its_pixels_are(models, ask):
    vae, folder = models["images"]
    pixels = np.random.default_rng(2).integers(0, 256, size=(8, 8, 1), dtype="uint8")
    png = tf.io.encode_png(pixels).numpy()
    x, seed = pixels.reshape(1, 8, 8).astype("float32") / 255, np.array([5])
    encoded, scored = ask(
        folder,
        [
            ("encode_image", {"image_bytes": png}),
            ("score_image", {"image_bytes": png, "seed": seed}),
        ],
    )
    assert_answers(encoded, expected(vae, "encode", x=x))
    assert_answers(scored, expected(vae, "score", x=x, seed=seed))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (("x.f32", "y.f32"), "line 1: cannot read y.f32: No such file"),
        (("x.f32", "short.f32"), "short.f32 has 20 bytes: expected one or several rows of 24"),
        (("encode_x", "encoder_x"), "line 1: the graph has no operation encoder_x"),
        (("x:0", "x:1"), "line 1: no tensor encode_x:1: the operation encode_x has 1 output"),
        (("feed encode_x:0 x.f32\n", ""), "line 2: the call failed: You must feed a value for"),
        (("run\n", ""), "the last call has no `run`"),
        (("feed", "fed"), "line 1: expected `feed TENSOR FILE`, `fetch TENSOR FILE`, or `run`"),
        (("z_mean.f32", "missing/z_mean.f32"), "cannot write missing/z_mean.f32: No such file"),
    ],
)
def test_a_wrong_call_ends_in_a_line_that_names_what_is_wrong(
    models, run, tmp_path, damage, message
):
    _, folder = models["binary"]
    np.zeros((1, 6), "float32").tofile(tmp_path / "x.f32")
    np.zeros(5, "float32").tofile(tmp_path / "short.f32")
    _, outs = tensor_names(folder, "encode")
    calls = f"feed encode_x:0 x.f32\nfetch {outs['z_mean']} z_mean.f32\nrun\n"
    assert_fails(run(folder, calls.replace(*damage)), message)


def test_a_folder_that_is_no_model_ends_in_a_line_that_names_what_is_missing(models, run, tmp_path):
    _, folder = models["binary"]
    assert_fails(run("nowhere", ""), "cannot load nowhere: Could not find SavedModel")

    shutil.copytree(folder, tmp_path / "torn")
    next((tmp_path / "torn" / "variables").glob("variables.data*")).unlink()
    assert_fails(run("torn", ""), "cannot load torn: torn/variables/variables.data")

    # Without the whole folder TensorFlow takes the model for one that has no variables, and
    # loads it: only a call finds out.
    shutil.rmtree(tmp_path / "torn" / "variables")
    np.zeros((1, 6), "float32").tofile(tmp_path / "x.f32")
    _, outs = tensor_names(folder, "encode")
    calls = f"feed encode_x:0 x.f32\nfetch {outs['z_mean']} z_mean.f32\nrun\n"
    assert_fails(run("torn", calls), "line 3: the call failed: Could not find variable")


def assert_fails(done, message):
    """Exit status 1, and one line of the program's own: the last one, with `message` in it."""
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line for line in lines if line.startswith("serve_in_c: ")] == lines[-1:]
    assert message in lines[-1]
