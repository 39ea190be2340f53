from dataclasses import replace

import pytest

from keras_vae import Config, RunError, load_data
from keras_vae.data import Dataset, conditions_of, with_conditions
from keras_vae.distributions import (
    Bernoulli,
    Columns,
    DiagonalGaussian,
    Gaussian,
    NegativeBinomial,
    Poisson,
)
from keras_vae.studies.protocol import protocol_of, refuse_different

DIGITS = load_data("digits")


def of(dataset, likelihood, split="test"):
    return protocol_of(dataset, likelihood, split)


def drawn(binarization="dynamic"):
    return of(DIGITS.as_binarized(binarization), Bernoulli())


def test_what_is_trained_on_does_not_matter_if_the_same_is_tested():
    """Both binarisations draw the test split once, with one seed."""
    assert drawn("dynamic").differences(drawn("static")) == []
    renamed = replace(DIGITS, name="other.npz", train=DIGITS.train[:200])
    assert drawn().differences(of(renamed.as_binarized("static"), Bernoulli())) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (drawn("threshold"), ["binarisation: drawn against threshold"]),
        (
            of(DIGITS, Gaussian()),
            ["binarisation: drawn against none", "p(x|z): probability against density"],
        ),
        (
            of(DIGITS.as_binarized("dynamic"), Bernoulli(), "validation"),
            ["split: test against validation"],
        ),
        (
            of(replace(DIGITS, test=DIGITS.test[:9]).as_binarized("dynamic"), Bernoulli()),
            ["number of examples: 179 against 9"],
        ),
        (
            of(replace(DIGITS, test=DIGITS.test[::-1]).as_binarized("dynamic"), Bernoulli()),
            ["the values of the examples"],
        ),
    ],
    ids=["threshold", "gray", "split", "fewer", "other order"],
)
def test_what_makes_nats_another_thing_is_named(other, said):
    assert drawn().differences(other) == said


def test_densities_of_the_same_values_compare_and_of_scaled_values_do_not():
    gray = of(DIGITS, Gaussian())
    assert gray.differences(of(DIGITS, DiagonalGaussian())) == []
    scaled = replace(DIGITS.test, x=DIGITS.test.x * 2)
    twice = replace(DIGITS, test=scaled, reading=("times 2",))
    assert gray.differences(of(twice, Gaussian())) == ["reading: 17 gray levels divided by 16 "
                                                       "against times 2"]  # fmt: skip


def test_families_of_probabilities_compare_and_gray_levels_under_a_bernoulli_are_not_one():
    counts = replace(DIGITS, test=replace(DIGITS.test, x=DIGITS.test.x * 16))
    assert of(counts, Poisson()).differences(of(counts, NegativeBinomial())) == []
    (said,) = of(DIGITS, Bernoulli()).differences(of(DIGITS, NegativeBinomial()))
    assert said == ("p(x|z): cross-entropy of gray levels, which is not a log p(x) against "
                    "probability")  # fmt: skip


def test_a_model_that_is_told_something_is_of_another_question():
    config = Config(condition=("labels",))
    told = with_conditions(DIGITS.as_binarized("dynamic"), conditions_of(DIGITS, config))
    said = drawn().differences(of(told, Bernoulli()))
    assert said == ["p(x): given nothing against given label"]


def test_the_measure_of_a_table_is_that_of_each_column():
    table = replace(DIGITS, test=replace(DIGITS.test, x=DIGITS.test.x.reshape(179, 64)))
    first, last = tuple(range(32)), tuple(range(32, 64))

    def columns(**parts):
        entries = dict(zip(parts, (first, last), strict=True))
        return of(table, Columns(parts, entries))

    mixed = columns(count=Poisson(), real=DiagonalGaussian())
    assert mixed.differences(columns(count=NegativeBinomial(), real=Gaussian())) == []
    (said,) = mixed.differences(columns(real=DiagonalGaussian(), count=Poisson()))
    assert said.startswith("p(x|z): density of the columns 32, 33, ")
    both = columns(real=DiagonalGaussian(), other=Gaussian())
    assert both.differences(of(table, Gaussian())) == []


def test_the_refusal_is_one_line_with_both_names():
    assert isinstance(DIGITS, Dataset)
    refuse_different({"a": drawn(), "b": drawn("static")})
    with pytest.raises(RunError) as refused:
        refuse_different({"a": drawn(), "b": drawn("static"), "c": drawn("threshold")})
    assert str(refused.value).startswith("a and c are of different protocols")
    assert "binarisation: drawn against threshold" in str(refused.value)
    assert "\n" not in str(refused.value)
