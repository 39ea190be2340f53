"""Held to: what `diagnose` says that each function of a model returns."""

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject
from scipy.special import expit

from keras_vae.diagnosis import Bernoulli, Gaussian, Subject, diagnose, examine
from keras_vae.errors import ConfigError

EXACT = linear_subject(count=400)
GIVEN = {
    "encode": EXACT.encode,
    "decode": EXACT.decode,
    "likelihood": EXACT.likelihood,
    "data": EXACT.train,
    "test_data": EXACT.test,
    "examples": 100,
}


def refusal(**changes):
    """The one line with which such a model is refused."""
    with pytest.raises(ConfigError) as caught:
        diagnose(**{**GIVEN, **changes})
    assert "\n" not in str(caught.value)
    return str(caught.value)


class Unreadable:
    """As a tensor that still needs its gradient."""

    shape, dtype = (3, 3), "float32"

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach() first\nand numpy() then")


def narrow(x):
    return EXACT.encode(x)[0][:, :1]


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        ("encode", lambda x: EXACT.encode(x)[0], "an array of shape (3, 3)"),
        ("encode", lambda x: [*EXACT.encode(x), 0], "3 values"),
        ("encode", lambda x: dict(zip("ab", EXACT.encode(x), strict=True)), "dict"),
        ("encode", lambda x: (EXACT.encode(x)[0], narrow(x)), "(3, 1)"),
        ("encode", lambda x: tuple(part[0] for part in EXACT.encode(x)), "(3,)"),
        ("encode", lambda x: tuple(part[:2] for part in EXACT.encode(x)), "(2, 3)"),
        ("encode", lambda x: (Unreadable(), Unreadable()), "call detach() first"),
        ("encode", lambda x: None, "None"),
        ("encode", lambda x: 5, "int"),
        ("decode", lambda z: EXACT.decode(z)[:, :2], "(3, 2)"),
        ("decode", lambda z: EXACT.decode(z)[:, None], "(3, 1, 3)"),
        ("decode", lambda z: EXACT.decode(z)[:1], "(1, 3)"),
        ("decode", lambda z: (EXACT.decode(z), 0), "(2,"),
        ("decode", lambda z: None, "None"),
        ("decode", lambda z: "text", "str"),
        ("decode", lambda z: EXACT.decode(z) * 1j, "complex128"),
        ("training_draw", narrow, "(100, 3)"),
        ("training_draw", lambda x: np.full_like(EXACT.encode(x)[0], np.nan), "NaN"),
        ("loss_fn", lambda x: 5.0, "float"),
        ("loss_fn", lambda x: {"loss": "large"}, "loss_fn: loss"),
        ("loss_fn", lambda x: {"loss": np.ones((2, 7))}, "(2, 7)"),
        ("log_prob", lambda x, z: 1.0, "log_prob"),
        ("generate", lambda count: np.ones((3, 3)), "(100, 3)"),
        ("bound", lambda x, samples: 1.0, "bound"),
        ("without_z", lambda x: 1.0, "without_z"),
        ("draw", lambda x, seed: EXACT.encode(x)[0], "(100, 3)"),
        ("draw", lambda x, seed: (narrow(x), narrow(x)[:, 0]), "(100, 1)"),
        ("draw", lambda x, seed: (EXACT.encode(x)[0], 0.5), "draw: rate"),
        ("probe", lambda part, steps: None, "Subject"),
        ("served", (narrow, EXACT.decode), "served[0]"),
        ("training_mode", (EXACT.encode, lambda z: z[:, :1]), "training_mode[1]"),
    ],
)
def test_an_answer_of_another_kind_is_one_line_that_names_function_and_answer(
    name, function, words
):
    line = refusal(**{name: function})
    assert name in line
    assert words in line
    assert "expected" in line or "finite" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encode", 5),
        ("training_draw", "training_draw"),
        ("served", EXACT.encode),
        ("served", (EXACT.encode, None)),
        ("stored", EXACT.train),
        ("history", [1.0, 2.0]),
        ("history", {"loss": 1.0}),
        ("reading", 3),
        ("reading", "divided by 255"),
        ("options", ["beta"]),
        ("options", {"bta": 1}),
        ("beta", -1.0),
        ("free_nats", float("nan")),
    ],
)
def test_a_value_of_another_kind_is_one_line_that_names_it(name, value):
    line = refusal(**{name: value})
    assert name in line
    assert "expected" in line


def own_draw(x, seed):
    z_mean, _ = EXACT.encode(x)
    return z_mean, np.ones(len(x))


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ((lambda count, seed: np.ones((count, 2)), lambda z: np.ones(len(z))), "(256, 2)"),
        ((lambda count, seed: np.ones((count, 3)), lambda z: 1.0), "prior[1]"),
    ],
)
def test_answers_of_a_prior_are_checked_too(prior, words):
    line = refusal(draw=own_draw, prior=prior)
    assert "prior" in line
    assert words in line
    assert "expected" in line


def test_a_prior_without_a_rate_of_its_own_is_refused():
    line = refusal(prior=(lambda count, seed: np.ones((count, 3)), lambda z: np.ones(len(z))))
    assert "draw=" in line
    assert "expected two functions" in refusal(draw=own_draw, prior=own_draw)


def test_an_old_name_is_refused_with_the_one_it_has_now():
    for call in (
        lambda: diagnose(**GIVEN, sample=EXACT.training_draw),
        lambda: Subject(EXACT.encode, EXACT.decode, EXACT.likelihood, EXACT.train, sample=None),
    ):
        with pytest.raises(
            ConfigError, match=r"^[^\n]*'sample': it is now called 'training_draw'$"
        ):
            call()


def test_what_is_missing_is_named():
    for name in ("encode", "decode", "likelihood", "data"):
        assert f"{name} is missing" in refusal(**{name: None})


def test_logits_that_are_called_probabilities_are_refused_by_name():
    logits = binary_subject(count=200)
    given = {
        "encode": logits.encode,
        "decode": logits.decode,
        "data": logits.train,
        "test_data": logits.test,
        "likelihood": "bernoulli_probabilities",
        "cheap": True,
    }
    assert "bernoulli_logits" in refusal(**given)
    right = diagnose(**{**given, "likelihood": "bernoulli_logits"}).figures
    same = diagnose(**{**given, "decode": lambda z: expit(logits.decode(z))}).figures
    assert same["elbo"] == pytest.approx(right["elbo"], rel=1e-6)


def test_probabilities_that_rounding_took_past_1_are_probabilities():
    x = np.ones((2, 3))
    assert Bernoulli(logits=False).log_prob(x, np.full((2, 3), 1 + 1e-4)) == pytest.approx(
        [0, 0], abs=1e-5
    )


def test_the_pair_of_a_decoded_variance_is_held_to_both_shapes():
    def decode(z):
        return EXACT.decode(z), np.zeros(np.shape(z)[:1])

    line = refusal(decode=decode, likelihood=Gaussian("decoded"))
    assert "log variance" in line
    assert "pair" in refusal(likelihood=Gaussian("decoded"))


def test_right_answers_change_no_figure():
    subject = Subject(EXACT.encode, EXACT.decode, EXACT.likelihood, EXACT.train, EXACT.test)
    own = examine(subject, examples=100)
    assert diagnose(**GIVEN).to_dict() == own.to_dict()


def test_what_a_probe_returns_is_held_to_its_word_too():
    def probe(part, steps):
        return linear_subject(count=400, encode=narrow)

    assert "encode" in refusal(probe=probe)
