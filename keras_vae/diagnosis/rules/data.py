"""Do the data allow what the model says about them?"""

import numpy as np

from keras_vae.diagnosis.finding import (
    ERROR,
    INFO,
    UNDETERMINED,
    WARNING,
    Evidence,
    finding,
)

__all__ = [
    "binary_data_under_density",
    "data_out_of_range",
    "duplicates_across_splits",
    "gray_data_under_bernoulli",
    "lattice_data_under_density",
    "nonfinite_data",
    "splits_binarized_differently",
    "splits_differ",
    "splits_scaled_differently",
]

# Distinct values up to which data count as 8-bit levels.
LEVELS = 256


def nonfinite_data(m):
    splits = m.subject.train, m.subject.test  # all of them: one NaN is enough
    bad = [np.mean(~np.isfinite(x)) for x in splits if x is not None]
    return finding(
        "nonfinite_data",
        ERROR,
        Evidence("fraction of entries that are NaN or infinite", float(max(bad)), 0.0),
        "One NaN in one example turns the loss, and after one step every weight, into NaN.",
        "Remove those examples, or fill the gaps, first: "
        "x[np.isfinite(x.reshape(len(x), -1)).all(1)].",
        "No entry of any example is NaN or infinite.",
    )


def data_out_of_range(m):
    low, high = m.likelihood.support
    outside = max(
        float(np.mean((x < low) | (x > high)))
        for x in (m.subject.train, m.subject.test)
        if x is not None
    )
    name = m.likelihood.name.replace("_", " ")
    return finding(
        "data_out_of_range",
        ERROR,
        Evidence(f"fraction of entries outside [{low:g}, {high:g}]", outside, 0.0),
        f"A {name} likelihood describes values between {low:g} and {high:g} only; outside, its "
        f"'probability' can exceed 1 and the loss has no lower limit.",
        "Scale the data (8-bit images: x / 255), or kvae fit --likelihood gaussian.",
        f"Every entry lies in [{low:g}, {high:g}].",
    )


def gray_data_under_bernoulli(m):
    if m.likelihood.name != "bernoulli":
        return None
    gray = float(np.mean((m.train > 0) & (m.train < 1)))
    return finding(
        "gray_data_under_bernoulli",
        ERROR,
        Evidence("fraction of entries that are neither 0 nor 1", gray, 0.01),
        "A Bernoulli gives probability to 0 and 1 only, so that binary cross-entropy on gray "
        "levels is no -log p(x|z): it has a floor above 0, and its 'ELBO' bounds no log p(x) of "
        "gray data.",
        "Make the data binary (kvae fit --binarize dynamic; x = rng.random(x.shape) < x for each "
        "epoch), or describe gray levels: kvae fit --likelihood continuous_bernoulli.",
        "At most 1 % of the entries lie strictly between 0 and 1.",
    )


def _distinct_values(m):
    return len(np.unique(m.train[:200]))


def binary_data_under_density(m):
    if m.likelihood.name == "bernoulli":
        return None
    return finding(
        "binary_data_under_density",
        WARNING,
        Evidence("distinct values in the data", _distinct_values(m), 2.5, is_above=False),
        "A density over binary data can grow without limit around 0 and 1: its 'ELBO' compares "
        "with no model of binary data.",
        "Use a Bernoulli: kvae fit --likelihood bernoulli.",
        "Binary data have a Bernoulli likelihood.",
    )


def lattice_data_under_density(m):
    """8-bit levels under a density: only above the ceiling that their number sets is it wrong."""
    values = _distinct_values(m)
    if m.likelihood.name == "bernoulli" or not 2 < values <= LEVELS:
        return None
    span = float(np.ptp(m.train))
    # p(cell) <= 1: the density of levels 1/255 apart in [0, 1] is at most 256, log p(x) <= n ln 256
    ceiling = np.log(LEVELS / span)
    elbo = m.held_out.elbo / m.entries
    error = float(np.std(elbo) / np.sqrt(len(elbo)))
    above = finding(
        "lattice_data_under_density",
        ERROR,
        Evidence(
            "ELBO per entry, nats, of 8-bit data under a density", elbo.mean(), ceiling, error
        ),
        "The density is higher than 256 levels allow: the model has found that the data lie on a "
        "lattice, or that an entry never changes, and its ELBO rises without limit.",
        "Add noise to the data, fresh in each epoch: x = (x8 + rng.random(x8.shape)) / 256; and "
        "give the variance a floor: sigma >= 1 / 256.",
        f"At most ln(256 / range) = {ceiling:.3g} nats per entry.",
    )
    if above is not None and above.severity == ERROR:
        return above
    return finding(
        "lattice_data_under_density",
        INFO,
        Evidence("distinct values in the data", values, LEVELS + 0.5, is_above=False),
        "The data are levels of a lattice and the likelihood is a density: its ELBO has no bits "
        "per dimension and compares only with models of the same data and scale.",
        "To compare with others, add noise to the data: x = (x8 + rng.random(x8.shape)) / 256.",
        "Continuous data, or levels with noise added.",
    )


def duplicates_across_splits(m):
    if m.test is None:
        return None
    found, by_chance = m.duplicates
    error = float(np.sqrt(found * (1 - found) / len(m.subject.test)))
    return finding(
        "duplicates_across_splits",
        ERROR,
        Evidence(
            "fraction of test examples that are copies of training examples, less twice what "
            "training examples repeat each other",
            found - 2 * by_chance,
            0.001,
            error,
            settle="more test examples",
        ),
        "The test figures are partly of examples that the model was trained on, so they are too "
        "good.",
        "Split first and train afterwards; take the test examples out of the training data.",
        "No test example stands in the training data.",
    )


def splits_scaled_differently(m):
    if m.test is None:
        return None
    shift = m.split_shift
    parts = (
        finding(
            "splits_scaled_differently",
            ERROR,
            Evidence(
                "distance of the mean test example from the mean training example, in standard "
                "deviations of an entry",
                shift.mean_distance,
                0.2,
            ),
            *_SCALED,
        ),
        finding(
            "splits_scaled_differently",
            ERROR,
            Evidence(
                "|log| of the std of test entries over that of training entries",
                abs(float(np.log(shift.scale))) if shift.scale > 0 else np.inf,
                0.3,
            ),
            *_SCALED,
        ),
    )
    return parts[0] or parts[1]


_SCALED = (
    "Training and test examples were prepared in different ways (scaled, inverted, transposed), so "
    "the test figures are of data that the model has never seen.",
    "Prepare both by one function; put it into the model or its export, so that nobody forgets it.",
    "Mean and spread of training and test examples agree.",
)


def splits_binarized_differently(m):
    if m.test is None:
        return None
    shift = m.split_shift
    words = (
        "Training and test examples were made binary in different ways (cut at a threshold, drawn, "
        "left gray), which are different data: their ELBOs do not compare.",
        "Binarise both by one protocol and report it: kvae fit --binarize static.",
        "The test examples are as gray, and as rough, as the training examples.",
    )
    gray = finding(
        "splits_binarized_differently",
        ERROR,
        Evidence(
            "difference between the fractions of gray entries in training and test examples",
            abs(shift.gray_first - shift.gray_second),
            0.02,
            shift.gray_error,
        ),
        *words,
    )
    levels = sorted(len(np.unique(x[:200])) for x in (m.train, m.test))
    if levels[0] <= 2 < levels[1]:  # one split is binary, the other is not
        return gray
    if splits_scaled_differently(m) is not None:
        return None
    if levels[1] > 2:  # both are gray; then a background was cut off
        is_gray = all(x.min() >= 0 and x.max() <= 1 for x in (m.train, m.test))
        return gray if is_gray else None
    rough, residual = (
        finding(
            "splits_binarized_differently",
            ERROR,
            Evidence(
                f"|log| of the {what} of binary test examples over that of training examples",
                abs(float(np.log(ratio))) if ratio > 0 else np.nan,
                0.08,
                error,
                settle="more test examples",
            ),
            *words,
        )
        for what, ratio, error in (
            ("roughness", shift.roughness, shift.roughness_error),
            ("part outside the main directions", shift.residual, shift.residual_error),
        )
    )
    found = [part for part in (rough, residual) if part is not None]
    return min(found, key=lambda part: part.severity == UNDETERMINED, default=None)


def splits_differ(m):
    if m.test is None:
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
            Evidence("largest share of the test examples that training lacks", bins.excess, 0.02),
        ),
        "Some kinds of example are more frequent in the test data than in the training data (a "
        "class left out, another source), so the model is asked about what it was not shown.",
        "Shuffle before splitting; look at the test examples with the highest distortion.",
        "Training and test examples fall into the same clusters equally often.",
    )
