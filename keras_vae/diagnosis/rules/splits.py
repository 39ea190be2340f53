"""Are the test examples new ones, prepared like the training examples?

Each difference has a probability under chance, by permutation: `fit` itself splits examples at
random, and that alone must not be a finding, for any distribution and number of examples.
"""

from collections.abc import Callable, Iterable

import numpy as np

from keras_vae.data.given import count
from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements

__all__ = [
    "duplicates_across_splits",
    "splits_binarized_differently",
    "splits_differ",
    "splits_scaled_differently",
]

# Fraction of test examples that may be copies of training examples.
COPIES = 0.001
# Probability by chance above which near copies are not even undetermined: among examples of few
# entries there are some.
RARE = 0.01


def duplicates_across_splits(m: Measurements) -> Finding | None:
    if m.subject.test is None:
        return None
    return _gravest(
        finding("duplicates_across_splits", _severity(copies), *found)
        for copies in (_equal, _nearly_equal, _overlapping, _repeated)
        if (found := copies(m)) is not None
    )


def _severity(copies: Callable[[Measurements], object]) -> str:
    return WARNING if copies is _repeated else ERROR  # repeats may be what the table is of


def _equal(m: Measurements) -> tuple[Evidence, str, str, str]:
    found, by_chance = m.duplicates
    excess = found - 2 * by_chance
    return (
        _of_test(
            "copies of training examples, minus twice the fraction of repeats within the training "
            "examples",
            excess,
            found,
            count(m.subject.test),
            m.duplicates_by_chance if excess > COPIES else None,
        ),
        "Some test examples were also trained on, so the test figures are too good.",
        "Split first and train afterwards; take the test examples out of the training data.",
        "No test example is in the training data.",
    )


def _nearly_equal(m: Measurements) -> tuple[Evidence, str, str, str] | None:
    near = m.near_copies
    if near.p_value > RARE:
        return None
    excess = near.found - 2 * near.expected
    return (
        _of_test(
            "ten times nearer to a training example than that is to any other, minus twice the "
            "same fraction of training examples",
            excess,
            near.found,
            near.examples,
            near.p_value,
        ),
        "Some test examples are training examples but for rounding or a small change, so the test "
        "figures are too good.",
        "Split before anything is copied, rounded or augmented; of a table keep the rows of one "
        "thing together: --split-by.",
        "Test examples are as far from training examples as these are from each other.",
    )


def _overlapping(m: Measurements) -> tuple[Evidence, str, str, str]:
    found = m.overlapping
    return (
        _of_test(
            "windows that overlap one of the training data", found, found, count(m.subject.test)
        ),
        "Some test examples are windows that share steps with windows which were trained on, so "
        "the test figures are too good.",
        "Split the series first and cut windows afterwards, with a gap: kvae fit --window.",
        "Windows of the test data share no step with those of the training data.",
    )


def _repeated(m: Measurements) -> tuple[Evidence, str, str, str] | None:
    found, _ = m.duplicates
    if found <= COPIES:
        return None
    return (
        _of_test(
            "copies of training rows, minus twice the fraction of training rows that differ from "
            "another one in a single column",
            found - 2 * m.one_entry_apart,
            found,
            count(m.subject.test),
        ),
        "Rows stand in the table several times, more often than its columns make them equal by "
        "chance, and a random split puts some of them on both sides: the test figures are too "
        "good.",
        "Keep the rows of one thing together (--split-by), or take the repeats out "
        "(DataFrame.drop_duplicates) before the table is split.",
        "Rows that are equal by chance are far fewer than rows that differ in one column.",
    )


def _of_test(
    what: str, value: float, found: float, of: int, p_value: float | None = None
) -> Evidence:
    """`Evidence` of a fraction that was found among so many test examples, less what is expected;
    its error is the binomial one."""
    error = float(np.sqrt(found * (1 - found) / of))
    measure = f"fraction of test examples that are {what}"
    settle = "more test examples"
    return Evidence(measure, value, COPIES, error, settle=settle, p_value=p_value)


def _difference(
    m: Measurements,
    measure: str,
    what: str,
    value: float,
    threshold: float,
    error: float | None = None,
) -> Evidence:
    """`Evidence` of a difference between the splits which, if it is large, chance must not make.

    Its standard error, where none is given, is that of the draws by chance.
    """
    chance = m.split_shift_by_chance(what) if value > threshold else None
    if error is None:
        error = chance.spread if chance else 0.0
    p_value = chance.p_value if chance else None
    return Evidence(measure, value, threshold, error, settle="more test examples", p_value=p_value)


def _log(ratio: float) -> float:
    """|log| of a ratio: infinite of 0."""
    return abs(float(np.log(ratio))) if ratio > 0 else float("nan" if np.isnan(ratio) else "inf")


def _gravest(findings: Iterable[Finding | None]) -> Finding | None:
    """The first that is more than undetermined, or else the first, or None."""
    found = [each for each in findings if each is not None]
    return min(found, key=lambda each: each.severity == UNDETERMINED, default=None)


def splits_scaled_differently(m: Measurements) -> Finding | None:
    if m.subject.test is None:
        return None
    shift = m.split_shift
    distance = _difference(
        m,
        "distance of the mean test example from the mean training example, in standard deviations "
        "of an entry",
        "mean_distance",
        shift.mean_distance,
        0.2,
    )
    scale = _difference(
        m,
        "|log| of the std of test entries over that of training entries",
        "scale",
        _log(shift.scale),
        0.3,
    )
    words = (
        "Training and test examples were prepared in different ways (scaled, inverted, "
        "transposed), so the test figures are of data that the model has never seen.",
        "Prepare both by one function; put it into the model or its export, so that it is always "
        "applied.",
        "Mean and spread of training and test examples agree.",
    )
    return _gravest(
        finding("splits_scaled_differently", ERROR, part, *words) for part in (distance, scale)
    )


# What is compared of the splits -> (words, value in a `SplitShift`, standard error, threshold).
BINARIZATION = {
    "gray": (
        "difference between the fractions of gray entries in training and test examples",
        lambda shift: abs(shift.gray_first - shift.gray_second),
        lambda shift: shift.gray_error,
        0.02,
    ),
    "roughness": (
        "|log| of the roughness of binary test examples over that of training examples",
        lambda shift: _log(shift.roughness),
        lambda shift: shift.roughness_error,
        0.08,
    ),
    "residual": (
        "|log| of the part outside the main directions of binary test examples over that of "
        "training examples",
        lambda shift: _log(shift.residual),
        lambda shift: shift.residual_error,
        0.08,
    ),
}


def splits_binarized_differently(m: Measurements) -> Finding | None:
    if m.subject.test is None:
        return None
    m.check_one_unit()
    test = m.test
    assert test is not None
    levels = sorted(len(np.unique(x[:200])) for x in (m.train, test))
    compared: tuple[str, ...] = ("gray",)
    if levels[0] > 2 or levels[1] <= 2:  # otherwise one split is binary, the other is not
        scaled = splits_scaled_differently(m)
        if scaled is not None and scaled.severity == ERROR:
            return None
        if levels[1] <= 2:
            compared = ("roughness", "residual")
        elif not all(x.min() >= 0 and x.max() <= 1 for x in (m.train, test)):
            return None  # if both are gray, a background may have been cut off
    return _gravest(
        finding(
            "splits_binarized_differently",
            ERROR,
            _difference(m, words, what, value(m.split_shift), threshold, error(m.split_shift)),
            "Training and test examples were made binary in different ways (cut at a threshold, "
            "drawn, left gray), which are different data: their ELBOs cannot be compared.",
            "Binarise both by one protocol and report it: kvae fit --binarize static.",
            "The test examples are as gray, and as rough, as the training examples.",
        )
        for what, (words, value, error, threshold) in BINARIZATION.items()
        if what in compared
    )


def splits_differ(m: Measurements) -> Finding | None:
    if m.subject.test is None:
        return None
    bins = m.split_bins
    return finding(
        "splits_differ",
        WARNING,
        (
            Evidence(
                "probability that training and test examples are of one distribution (chi^2 of "
                f"{bins.bins} clusters)",
                bins.p_value,
                1e-4,
                is_above=False,
            ),
            Evidence(
                "largest share of the test examples that training lacks",
                bins.excess,
                0.02,
                bins.excess_error,
                settle="more test examples",
            ),
        ),
        "Some kinds of example are more frequent in the test data than in the training data (a "
        "class left out, another source), so the model is tested on what it was not shown.",
        "Shuffle before splitting; look at the test examples with the highest distortion.",
        "Training and test examples fall into the same clusters equally often.",
    )
