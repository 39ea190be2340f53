import json

import numpy as np

from keras_vae import VAE
from keras_vae.conditions import Condition
from keras_vae.distributions import Z_LOG_VAR_RANGE, Bernoulli, Gaussian
from keras_vae.export.describe import describe_protocol, describe_signatures
from keras_vae.networks import mlp_decoder, mlp_encoder

ANSWERS = {
    "encode": (
        {"x": np.zeros((8, 4, 5), "float32")},
        {"z_mean": np.zeros((8, 2), "float32"), "z_log_var": np.zeros((8, 2), "float32")},
    ),
    "reconstruct": (
        {"x": np.zeros((8, 4, 5), "float32")},
        {"reconstruction": np.zeros((8, 4, 5), "float32")},
    ),
    "sample": ({"seed": np.zeros(8, "int64")}, {"mean": np.zeros((8, 4, 5), "float32")}),
    "score_image": (
        {"image_bytes": np.array([b""] * 8, dtype=object), "seed": np.zeros(8, "int64")},
        {"elbo": np.zeros(8), "rate": np.zeros(8), "distortion": np.zeros(8)},
    ),
}


def of(likelihood):
    """A VAE with that likelihood."""
    parts = mlp_encoder((4, 5), 2, (4,)), mlp_decoder((4, 5), 2, (4,))
    return VAE(*parts, likelihood)


def test_shapes_dtypes_and_ranges_are_those_of_the_signature():
    described = describe_signatures(ANSWERS, of(Bernoulli()), (0.0, 1.0))
    x = described["encode"]["inputs"]["x"]
    assert (x["dtype"], x["shape"], x["range"]) == ("float32", [None, 4, 5], [0, 1])
    z_mean = described["encode"]["outputs"]["z_mean"]
    assert (z_mean["shape"], z_mean["range"]) == ([None, 2], [None, None])
    z_log_var = described["encode"]["outputs"]["z_log_var"]
    assert z_log_var["range"] == list(Z_LOG_VAR_RANGE)
    assert z_log_var["meaning"].startswith("natural log of the variance of")
    score = described["score_image"]
    assert score["inputs"]["image_bytes"]["dtype"] == "string"
    assert score["inputs"]["image_bytes"]["range"] is None
    assert score["inputs"]["seed"]["dtype"] == "int64"
    assert score["inputs"]["seed"]["range"] == [-(2**63), 2**63 - 1]
    assert isinstance(score["inputs"]["seed"]["range"][1], int)  # a float would be 2**63
    # computed in float64 here, served in float32
    assert score["outputs"]["elbo"]["dtype"] == "float32"
    assert score["outputs"]["rate"]["range"] == [0, None]
    assert "nats" in score["outputs"]["rate"]["meaning"]
    json.dumps(described, allow_nan=False)


def test_the_range_of_the_mean_is_that_of_the_likelihood():
    for likelihood, limits in ((Bernoulli(), [0, 1]), (Gaussian(), [None, None])):
        described = describe_signatures(ANSWERS, of(likelihood), (-3.0, 3.0))
        assert described["sample"]["outputs"]["mean"]["range"] == limits
        assert described["reconstruct"]["outputs"]["reconstruction"]["range"] == limits
        assert described["encode"]["inputs"]["x"]["range"] == [-3, 3]


def test_a_density_may_be_above_1_and_a_probability_not():
    for likelihood, is_density in ((Bernoulli(), False), (Gaussian(), True)):
        score = describe_signatures(ANSWERS, of(likelihood), (0, 1))["score_image"]["outputs"]
        assert score["elbo"]["meaning"].startswith("-(distortion + rate), nats, beta = 1")
        assert ("a density" in score["elbo"]["meaning"]) == is_density
        assert score["elbo"]["range"] == score["distortion"]["range"] == [None, None]


def test_the_protocol_says_how_many_draws_and_what_becomes_of_gray():
    score, _ = describe_protocol(25, None, (0, 1))
    assert "25 draws" in score
    assert "K = 25" in score
    for pixels, words in (
        ("dynamic", "drawn as Bernoulli(gray), by the row's seed, or by 0 without one"),
        ("static", "drawn as Bernoulli(gray)"),
        ("threshold", "1 where gray > 0.5"),
        ("none", "gray levels in [0, 1]"),
    ):
        assert words in describe_protocol(25, pixels, (0, 1))[1]


def test_the_protocol_says_which_rows_have_no_answer():
    for likelihood, words in ((Bernoulli(), "outside [0, 1]"), (Gaussian(), "infinite")):
        _, rows = describe_protocol(25, None, likelihood.support)
        assert rows.startswith(f"a row of x that is {words} has p(x|z) = 0: ")
        assert "-inf" in rows
        assert "NaN" in rows


def test_the_protocol_says_what_a_condition_and_a_mask_are_for():
    plain = describe_protocol(25, "none", (0, 1))
    told = describe_protocol(25, "none", (0, 1), ["mask", "condition"])
    assert [line for line in told if line in plain] == plain
    assert [line.split(":")[0] for line in told if line not in plain] == [
        "the model is conditional",
        "x comes with a mask",
        "a row of condition that is infinite, and one of a mask with other values than 0 and 1, is "
        "answered with NaN",
    ]


CONDITIONS = (Condition("label", ("cat", "dog")), Condition("age", center=40.0, scale=12.5))


def test_each_entry_of_a_condition_has_its_name_and_how_to_fill_it():
    answers = {"decode": ({"condition": np.zeros((8, 3), "float32")}, {})}
    described = describe_signatures(answers, of(Bernoulli()), (0, 1), conditions=CONDITIONS)
    assert described["decode"]["inputs"]["condition"]["entries"] == [
        {"name": "label", "class": "cat"},
        {"name": "label", "class": "dog"},
        {"name": "age", "center": 40.0, "scale": 12.5},
    ]
    json.dumps(described, allow_nan=False)
    unnamed = describe_signatures(answers, of(Bernoulli()), (0, 1))
    assert "entries" not in unnamed["decode"]["inputs"]["condition"]
    [line] = [
        line
        for line in describe_protocol(25, None, (0, 1), ["condition"], conditions=CONDITIONS)
        if "entries" in line
    ]
    assert line.endswith("label=cat, label=dog, (age - 40.0) / 12.5")


def test_a_condition_has_no_limits_and_a_mask_is_0_or_1():
    rows = np.zeros((8, 3), "float32")
    described = describe_signatures(
        {"encode": ({"mask": rows, "condition": rows}, {})}, of("gaussian"), (0, 1)
    )
    inputs = described["encode"]["inputs"]
    assert (inputs["mask"]["range"], inputs["mask"]["shape"]) == ([0, 1], [None, 3])
    assert inputs["condition"]["range"] == [None, None]
