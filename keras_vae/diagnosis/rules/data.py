"""Do the data allow what the likelihood and the decoder say about them?"""

import numpy as np

from keras_vae.data.given import take
from keras_vae.data.supports import are_counts
from keras_vae.diagnosis.finding import (
    ERROR,
    INFO,
    WARNING,
    Evidence,
    Finding,
    finding,
)
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.measurements.calls import observed

__all__ = [
    "binary_data_under_density",
    "data_out_of_range",
    "gray_data_under_bernoulli",
    "lattice_data_under_density",
    "nonfinite_data",
]

# Distinct values up to which data count as 8-bit levels.
LEVELS = 256


def nonfinite_data(m: Measurements) -> Finding | None:
    bad = [np.mean(~np.isfinite(x)) for x in m.all_values]  # of all: one NaN is enough
    return finding(
        "nonfinite_data",
        ERROR,
        Evidence("fraction of entries that are NaN or infinite", float(max(bad)), 0.0),
        "One NaN in one example turns the loss, and after one step every weight, into NaN.",
        "Remove those examples, or fill the gaps, first: "
        "x[np.isfinite(x.reshape(len(x), -1)).all(1)].",
        "No entry of any example is NaN or infinite.",
    )


def data_out_of_range(m: Measurements) -> Finding | None:
    low, high = m.likelihood.support
    outside = max(float(np.mean((x < low) | (x > high))) for x in m.all_values)
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


def gray_data_under_bernoulli(m: Measurements) -> Finding | None:
    if not m.is_binary:
        return None
    # of all of them: a fraction of some would have a standard error
    x = m.all_values[0]
    gray = float(np.mean((x > 0) & (x < 1)))
    return finding(
        "gray_data_under_bernoulli",
        ERROR,
        Evidence("fraction of entries that are neither 0 nor 1", gray, 0.01),
        "A Bernoulli gives probability to 0 and 1 only, so binary cross-entropy on gray levels is "
        "not -log p(x|z): its minimum is above 0, and its 'ELBO' is not a bound on log p(x) of "
        "gray data.",
        "Make the data binary (kvae fit --binarize dynamic; x = rng.random(x.shape) < x for each "
        "epoch), or describe gray levels: kvae fit --likelihood continuous_bernoulli.",
        "At most 1 % of the entries lie strictly between 0 and 1.",
    )


def binary_data_under_density(m: Measurements) -> Finding | None:
    if m.is_discrete:
        return None
    m.check_one_unit()
    values = len(np.unique(m.all_values[0]))  # of all of them: what is rare may not be among a few
    if values < 2:  # constant, of which nothing can be said
        return None
    return finding(
        "binary_data_under_density",
        WARNING,
        Evidence("distinct values in the data", values, 2.5, is_above=False),
        "A density over binary data can grow without limit around 0 and 1: its 'ELBO' cannot be "
        "compared with that of a model of binary data.",
        "Use a Bernoulli: kvae fit --likelihood bernoulli.",
        "Binary data have a Bernoulli likelihood.",
    )


def _levels(m: Measurements) -> int | None:
    """How many distinct values a few examples hold; None where most of them stand there once, as
    those of real numbers do however few they are."""
    values, counts = np.unique(observed(take(m.given_train, slice(200))), return_counts=True)
    return None if np.mean(counts == 1) > 0.5 else len(values)


def lattice_data_under_density(m: Measurements) -> Finding | None:
    """8-bit levels under a density: only above the ceiling that their number sets is it wrong."""
    if m.is_discrete:
        return None
    m.check_one_unit()
    values = _levels(m)
    if values is None or not 2 < values <= LEVELS:
        return None
    if are_counts(m.train_values) and m.train_values.max() not in (1, LEVELS - 1):
        return None  # counts or grades, of which `kvae fit` says which likelihood they call for
    span = float(np.ptp(m.train_values))
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
        "The density is higher than 256 levels allow: the model has learnt that the data take "
        "discrete levels, or that an entry never changes, and its ELBO rises without limit.",
        "Use a likelihood of levels, kvae fit --likelihood discretized_logistic; or add noise to "
        "the data, fresh in each epoch: x = (x8 + rng.random(x8.shape)) / 256, and give the "
        "variance a floor: sigma >= 1 / 256.",
        f"At most ln(256 / range) = {ceiling:.3g} nats per entry.",
    )
    if above is not None and above.severity == ERROR:
        return above
    return finding(
        "lattice_data_under_density",
        INFO,
        Evidence("distinct values in the data", values, LEVELS + 0.5, is_above=False),
        "The data are discrete levels but the likelihood is a density: its ELBO has no bits per "
        "dimension and can be compared only with models of the same data and scale.",
        "To compare with others, kvae fit --likelihood discretized_logistic, or add noise to the "
        "data: x = (x8 + rng.random(x8.shape)) / 256.",
        "Continuous data, or levels with noise added.",
    )
