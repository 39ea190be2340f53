import numpy as np
import pytest

from keras_vae import data, diagnosis, training
from keras_vae.errors import ConfigError, check_name, first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one"), "one"),
        (ValueError("\n one\ntwo"), "one"),
        (EOFError(), "EOFError"),
        (ValueError("x" * 999), "x" * 200),
    ],
)
def test_an_error_of_another_library_is_one_short_line(error, line):
    assert first_line(error) == line


GRAY = np.linspace(0, 1, 32, dtype="float32").reshape(2, 4, 4)


@pytest.mark.parametrize(
    ("takes_a_name", "known"),
    [
        (lambda name: data.binarize(GRAY, name, "train"), "static"),
        (lambda name: data.binarize(GRAY, "static", name), "validation"),
        (lambda name: data.default_binarization(GRAY, name), "gaussian"),
        (lambda name: data.audit.audit(GRAY, name, "none"), "continuous_bernoulli"),
        (training.make_strategy, "multi-worker"),
        (lambda name: diagnosis.Subject(None, None, None, GRAY, objective=name), "iwae"),
        (lambda name: diagnosis.diagnose(None, None, "gaussian", GRAY, **{name: 1}), "loss_fn"),
        (lambda name: diagnosis.diagnose(len, len, name, GRAY), "bernoulli_logits"),
        (diagnosis.Gaussian, "decoded"),
    ],
)
def test_a_word_that_is_not_known_is_refused_with_those_that_are(takes_a_name, known):
    with pytest.raises(ConfigError, match=f"'nonsense': expected .*{known}"):
        takes_a_name("nonsense")


def test_a_known_name_passes():
    check_name("word", "b", ("a", "b"))
