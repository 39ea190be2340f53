"""Can the decoder output the values in the data?"""

import numpy as np

from keras_vae.diagnosis.finding import ERROR, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.subjects.likelihoods import Bernoulli

__all__ = ["output_misses_data", "output_wider_than_data"]

# Times the distance of 0 from the data, from which on an output is not on its way to them.
ASTRAY = 1.1


def output_misses_data(m: Measurements) -> Finding | None:
    if m.subject.log_prob is not None:
        return None
    low, high = m.output_range
    x = m.train_values
    margin = 0.02 * float(np.ptp(x))
    missed = float(np.mean((x < low - margin) | (x > high + margin)))
    return finding(
        "output_misses_data",
        ERROR,
        Evidence(
            f"fraction of entries outside [{low:.3g}, {high:.3g}], the range of the decoder",
            missed,
            0.01,
        ),
        "The decoder's last activation cannot reach all values of the data, so training cannot "
        "either.",
        _remedy_of_an_end(m),
        "The decoder can output every value in the data.",
    ) or _has_not_arrived(m)


def _has_not_arrived(m: Measurements) -> Finding | None:
    """No activation limits it, but the data are far from all its outputs, which lie between 0,
    where they began, and the data: further away, something else is wrong."""
    if m.output_bias > ASTRAY * m.zero_output_bias:
        return None
    own, theirs = float(m.decoded_train.mean()), float(m.train_values.mean())
    return finding(
        "output_misses_data",
        ERROR,
        (
            Evidence(
                "distance of the mean decoded example from the mean example, in standard "
                "deviations of an entry",
                m.output_bias,
                1.0,
            ),
            Evidence("the same for decoded draws of the prior", m.prior_output_bias, 1.0),
        ),
        f"The decoder's outputs have not reached the data: their mean is {own:.3g}, that of the "
        f"data {theirs:.3g}. Nothing limits the outputs, but steps of the learning rate's size "
        "take long to reach data so far away.",
        "Standardise the data (x - x.mean(0)) / x.std(0), or initialise the bias of the last layer "
        "with their mean (kvae fit does); then train until the loss has settled.",
        "On average the decoder outputs the mean of the data.",
    )


def _remedy_of_an_end(m: Measurements) -> str:
    if getattr(m.likelihood, "logits", False):
        # what ends is a logit; the mean is a sigmoid of it
        last = "sigmoid" if m.ends_in_sigmoid else "activation"
        return (
            f"Remove the {last} at the end of the decoder: the likelihood takes logits, of any "
            f"size, and turns them into probabilities itself{_instead(m)}."
        )
    low, high = m.output_range
    return (
        "Leave the activation out (a linear last layer, and a Gaussian), or scale the data into "
        f"[{low:.3g}, {high:.3g}]."
    )


def _instead(m: Measurements) -> str:
    """The name that is right if the model of another outputs probabilities."""
    if not isinstance(m.likelihood, Bernoulli):
        return ""
    name = f"{m.likelihood.name}_probabilities"
    return f' (or say likelihood="{name}" if the outputs are probabilities)'


def output_wider_than_data(m: Measurements) -> Finding | None:
    if m.subject.log_prob is not None:
        return None
    low, high = m.output_range
    data = float(m.train_values.min()), float(m.train_values.max())
    is_tanh = abs(low + 1) < 1e-3 and abs(high - 1) < 1e-3
    if not is_tanh or high <= low:
        return None
    unused = ((data[0] - low) + (high - data[1])) / (high - low)
    return finding(
        "output_wider_than_data",
        ERROR,
        Evidence("fraction of the decoder's range [-1, 1] that no data reach", unused, 0.25),
        f"The decoder ends in a tanh, which spans [-1, 1], and the data span [{data[0]:g}, "
        f"{data[1]:g}]: half of its range is never right, and samples hold values that no example "
        "has.",
        "End the decoder in a sigmoid; or scale the data: x = 2 * x - 1.",
        "Activation and data span the same range.",
    )
