"""How far is the ELBO from log p(x), and on which examples?"""

import numpy as np

from keras_vae.diagnosis.advice import unless_in_use, wider_network
from keras_vae.diagnosis.finding import WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules.worth import mean_over_worth, over_worth
from keras_vae.measures import standard_error

__all__ = [
    "amortization_gap",
    "approximation_gap",
    "encoder_overfitting",
    "encoder_too_narrow",
    "overfitting",
]

# Between log p(x) and the best diagonal Gaussian: nats, and a part of all that training has gained.
LARGEST_GAP, LARGEST_PART = 2.0, 0.05


def _difference(train: np.ndarray, test: np.ndarray) -> tuple[float, float]:
    """(mean of train - mean of test, its standard error)."""
    error = np.hypot(standard_error(train), standard_error(test))
    return float(np.mean(train) - np.mean(test)), float(error)


def overfitting(m: Measurements) -> Finding | None:
    if m.test_terms is None:
        return None
    m.check_same_gaps()
    gap, error = _difference(m.train_terms.elbo, m.test_terms.elbo)
    return finding(
        "overfitting",
        WARNING,
        over_worth(m, "ELBO on training examples above that on test examples", gap, error, 0.5),
        f"The ELBO of training examples is {gap:.3g} nats higher than that of others: the model "
        "has memorised them.",
        "Keep the checkpoint of the best validation ELBO (kvae fit does; --patience also stops "
        "there); more data; a smaller network (--hidden)"
        f"{_new_draws(m)}.",
        "Training and test ELBO differ by a small part of the gain over a model without z.",
    )


def _new_draws(m: Measurements) -> str:
    """What helps where data are made binary; nothing where they are not, or drawn anew already."""
    words = "; new binary draws in each epoch (--binarize dynamic)"
    return unless_in_use(m.subject.options, "binarize", "dynamic", words) if m.is_binary else ""


def encoder_overfitting(m: Measurements) -> Finding | None:
    """The part of the difference between training and test that inference alone accounts for."""
    if m.given_test is None:
        return None
    m.check_elbo()
    m.check_same_gaps()
    train, test = m.train_inference, m.inference
    gap, error = _difference(test.gain, train.gain)
    return finding(
        "encoder_overfitting",
        WARNING,
        over_worth(
            m,
            "amortization gap of test examples above that of training examples",
            gap,
            error,
            0.065,
        ),
        f"The encoder has memorised its training examples: on others it loses {gap:.3g} nats more "
        "against the best q(z|x) found by a search. The decoder may be fine.",
        "Dropout or weight decay in the encoder, a smaller encoder, more data; or search the best "
        "q(z|x) for the examples that matter (kvae evaluate --gaps).",
        "The encoder is as near to the best q(z|x) on test examples as on training examples.",
    )


def _searched(m: Measurements, threshold: float) -> tuple[np.ndarray, Evidence]:
    """(gain of each training example (N,), nats; `Evidence` that it is beyond the threshold)."""
    gain = m.train_inference.gain
    what = "ELBO gained by searching q(z|x) for each training example, over the encoder's"
    return gain, mean_over_worth(m, what, gain, threshold)


def encoder_too_narrow(m: Measurements) -> Finding | None:
    """A decoder adapts to the encoder that it is trained with, so that other posteriors alone gain
    little: here the directions of x that the encoder uses are counted too."""
    m.check_elbo()
    m.check_one_unit()
    gain, evidence = _searched(m, 0.01)
    if evidence.is_beyond is False or m.encoder_directions is None:
        return None
    seen, linear = m.encoder_directions
    return finding(
        "encoder_too_narrow",
        WARNING,
        (
            evidence,
            # a whole number
            Evidence("directions of x that the encoder uses", seen, linear + 1, is_above=False),
        ),
        f"The encoder uses {seen} direction(s) of x, no more than a linear one could ({linear}), "
        f"and posteriors found by a search for each example are {gain.mean():.3g} nats better. The "
        "decoder has adapted to this encoder: a wider encoder would gain more than that.",
        f"More units in the encoder's narrowest layers ({wider_network(m.subject.options)}), and "
        "train encoder and decoder again.",
        "The encoder uses more directions of x than a linear one could, or loses nothing.",
    )


def amortization_gap(m: Measurements) -> Finding | None:
    m.check_elbo()
    gap, evidence = _searched(m, 0.08)
    return finding(
        "amortization_gap",
        WARNING,
        evidence,
        f"The encoder's posteriors are {gap.mean():.3g} nats worse than the best diagonal "
        "Gaussians, even on training examples: it is too small, or lags behind the decoder.",
        f"A larger encoder ({wider_network(m.subject.options)}), more epochs, or extra steps for "
        f"the encoder alone; check encoder.trainable.",
        "A search for q(z|x) example by example gains almost nothing.",
    )


def approximation_gap(m: Measurements) -> Finding | None:
    m.check_elbo()
    best = m.inference
    gap = best.bound - np.maximum(best.refined_elbo, best.elbo)
    trusted = float(np.median(best.effective_samples))
    return finding(
        "approximation_gap",
        WARNING,
        (
            Evidence(
                "log p(x) (importance-weighted bound) - ELBO of the best diagonal Gaussian, nats",
                float(gap.mean()),
                max(LARGEST_GAP, LARGEST_PART * m.worth),
                standard_error(gap),
            ),
            Evidence(
                "largest correlation of two latents under p(z|x), median over examples",
                float(np.median(best.correlation)),
                0.5,
            ),
            Evidence("effective samples", trusted, 7.0),
        ),
        "The true posteriors are not diagonal Gaussians: their latents depend on each other, which "
        "no diagonal q(z|x) can express.",
        "An objective that tolerates it (IWAE), or a posterior with a full covariance or a flow; "
        "too few latents make it worse.",
        "The best diagonal Gaussian comes within a nat or two of log p(x).",
    )
