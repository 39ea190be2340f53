"""Are the terms of the loss what they are called?"""

import numpy as np

from keras_vae.diagnosis.finding import ERROR, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements

__all__ = [
    "bound_estimator_wrong",
    "distortion_averaged",
    "half_precision_terms",
    "loss_drops_a_term",
    "objectives_differ",
    "rate_averaged",
    "rate_formula_wrong",
]

# Relative distance at which a scale counts as 1 / n.
NEAR = 0.1
# Nats: two estimates of one bound from as many draws agree within their error.
LARGEST_ERROR_OF_BOUND = 0.2


def rate_formula_wrong(m: Measurements) -> Finding | None:
    reported = m.reported
    if reported is None or not np.isfinite(reported.rate_error):
        return None
    scale = reported.rate_scale
    if reported.rate_formula != "correct":
        reason = reported.rate_formula or "it matches none of the usual mistakes"
    elif not np.isfinite(scale) or any(
        _is_near(scale, expected) for expected in (1, 1 / m.latents, m.subject.beta or 1)
    ):  # right, or `rate_averaged`, or logged with its weight
        return None
    else:
        is_double = _is_near(scale, 2)
        slip = "the factor 1/2 is missing, or" if is_double else "perhaps"
        reason = f"it is {scale:.3g} times that ({slip} a weight was multiplied in)"
    return finding(
        "rate_formula_wrong",
        ERROR,
        Evidence(
            "|reported rate - KL(q(z|x) || p(z))|, nats",
            abs(reported.rate_error),
            # a Monte Carlo estimate is not the formula and no mistake
            0.02 * max(float(m.train_terms.rate.mean()), 0.5),
            reported.rate_error_standard_error,
            settle="more batches",
        ),
        f"The KL term of the training code is not KL(q(z|x) || p(z)): {reason}.",
        "0.5 * sum(exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1), or "
        "tfd.kl_divergence(posterior, prior); write an intended weight outside of it, and give it "
        "to diagnose(beta=...).",
        "The reported rate equals the closed form, and a Monte Carlo estimate within its error.",
    )


def _is_near(value: float, target: float) -> bool:
    return np.isfinite(value) and abs(np.log(max(value, 1e-300) / target)) < NEAR


def distortion_averaged(m: Measurements) -> Finding | None:
    reported, n = m.reported, m.entries
    if reported is None or n < 4:
        return None
    # What a sum over entries is called, and what it is over the recomputed one.
    sums = {"-log p(x|z)": 1.0}
    if reported.leaves_out_constants:
        # the recomputed one is sum_i (x_i - m_i)^2 / 2 sigma^2; code without sigma leaves that out
        variance = m.sigma**2
        sums["sum of squared errors"] = 2 * variance
        sums["half the sum of squared errors"] = variance
    scale = reported.distortion_scale
    if any(_is_near(scale, size) for size in sums.values()):
        return None
    name = next((name for name, size in sums.items() if _is_near(scale * n, size)), None)
    if name is None:
        return None
    # The weight of the KL beside that sum; NaN, where it is unknown, is no excuse.
    weight = reported.beta * sums[name]
    if weight < 2:
        return None
    weighs = f"{weight:.3g}" if np.isfinite(weight) else f"{n}"
    remedy = (
        f"Sum over the entries and average over the batch only: multiply the reconstruction term "
        f"by {n}, with the KL summed over latents and its weight 1."
    )
    if sums[name] != 1:
        remedy += (
            " Then divide squared errors by 2 sigma^2, with sigma learnt or as large as the "
            "remaining errors; without it they imply a sigma of 0.71."
        )
    return finding(
        "distortion_averaged",
        ERROR,
        Evidence(
            f"reported distortion over {name}",
            scale / sums[name],
            0.5,
            reported.distortion_scale_error / sums[name],
            is_above=False,
        ),
        f"The reconstruction term is a mean over the {n} entries of an example, but log p(x|z) is "
        f"their sum: the rate weighs {weighs} times too much, as if beta were {weighs}.",
        remedy,
        "The reported distortion equals -log p(x|z): a sum over entries, a mean over the batch.",
    )


def rate_averaged(m: Measurements) -> Finding | None:
    reported, d = m.reported, m.latents
    if reported is None or reported.rate_formula != "correct" or d < 2:
        return None
    scale, error = reported.rate_scale, reported.rate_scale_error
    if not _is_near(scale * d, 1):
        return None
    return finding(
        "rate_averaged",
        ERROR,
        Evidence("reported rate over KL(q(z|x) || p(z))", scale, 0.9, error, is_above=False),
        f"The KL term is a mean over the {d} latents, but KL(q(z|x) || p(z)) is their sum: it "
        f"weighs {d} times too little, as if beta were 1/{d}.",
        f"Sum over the latents and average over the batch only: multiply the KL term by {d}.",
        "The reported rate equals KL(q(z|x) || p(z)): a sum over latents, a mean over the batch.",
    )


def loss_drops_a_term(m: Measurements) -> Finding | None:
    reported = m.reported
    if reported is None or not np.isfinite(reported.distortion_weight):
        return None
    weight = min(reported.distortion_weight, reported.rate_weight)
    return finding(
        "loss_drops_a_term",
        ERROR,
        Evidence("smallest weight of a reported term in the loss", weight, 1e-6, is_above=False),
        "The loss that is minimised leaves out, or subtracts, one of the two terms that are logged "
        "beside it.",
        "loss = mean(distortion + beta * rate).",
        "The loss is a positive weighted sum of distortion and rate.",
    )


def half_precision_terms(m: Measurements) -> Finding | None:
    reported = m.reported
    if reported is None or reported.rounded_to is None:
        return None
    step = reported.rounding_step
    return finding(
        "half_precision_terms",
        ERROR,
        Evidence(
            f"step between the {reported.rounded_to} numbers in which the terms are computed, nats",
            step,
            0.01,
        ),
        f"Distortion and rate are computed, or added up, in {reported.rounded_to}: differences of "
        f"less than {step:g} nats are lost, and sums over hundreds of entries may overflow.",
        "Cast the outputs of encoder and decoder to float32 before log p(x|z), the KL and every "
        "sum; keep half precision for the layers: kvae fit --precision mixed_bfloat16.",
        "The terms are float32 numbers.",
    )


def bound_estimator_wrong(m: Measurements) -> Finding | None:
    """The user's own L_K against one that is computed here from the same posteriors."""
    if m.reported_bound is None:
        return None
    k, theirs, ours, elbo, weighted = m.reported_bound
    gap = theirs - ours
    error = float(np.std(gap) / np.sqrt(len(gap)))
    guesses = {
        "it forgets - log K": ours + np.log(k),
        "it is the mean of log w, which is the ELBO, instead of the log of the mean of w": elbo,
        "it is the mean of log w weighted by w, which is not a bound, instead of the log of the "
        "mean of w": weighted,
        f"it is divided by the {m.entries} entries of an example": ours / m.entries,
        "its sign is reversed": -ours,
    }
    name = min(guesses, key=lambda name: abs(np.mean(theirs - guesses[name])))
    distance = abs(np.mean(theirs - guesses[name]))
    why = name if distance < 0.3 * abs(np.mean(gap)) else "it matches none of the usual mistakes"
    return finding(
        "bound_estimator_wrong",
        ERROR,
        Evidence(
            f"|reported L_{k} - L_{k}|, nats",
            abs(float(np.mean(gap))),
            LARGEST_ERROR_OF_BOUND,
            error,
            settle="more examples, or more samples K",
        ),
        f"The reported bound on log p(x) is not L_K = log 1/K sum_k p(x, z_k) / q(z_k|x): {why}.",
        "logsumexp(log_w, axis=0) - log(K), a mean over examples only.",
        "L_K rises with K, and equals the one computed here within its error.",
    )


def objectives_differ(m: Measurements) -> Finding | None:
    """Training and validation losses with different formulas, from the log alone."""
    history = m.subject.history
    names = ("loss", "distortion", "rate")
    is_logged = all(name in history and f"val_{name}" in history for name in names)
    if not is_logged or m.subject.free_nats:
        return None
    m.check_elbo()  # only its loss is distortion + weight * rate
    last = {name: float(values[-1]) for name, values in history.items() if len(values)}
    # loss - distortion = weight * rate
    extra = [last[prefix + "loss"] - last[prefix + "distortion"] for prefix in ("", "val_")]
    rates = [last["rate"], last["val_rate"]]
    if min(rates) < 0.1 or abs(extra[0] - extra[1]) < 0.05 * max(rates):
        return None
    weights = [part / rate for part, rate in zip(extra, rates, strict=True)]
    difference = abs(weights[0] - weights[1])
    return finding(
        "objectives_differ",
        WARNING,
        Evidence(
            "difference between the weights of the rate in loss and val_loss", difference, 0.1
        ),
        f"Training minimises a loss in which the rate weighs {weights[0]:.3g} and is judged by a "
        f"validation loss in which it weighs {weights[1]:.3g}: the checkpoint with the best "
        f"val_loss is not the best of what was trained.",
        "Compute both losses by one function; choose checkpoints by the ELBO (val_elbo).",
        "loss and val_loss are the same function of different examples.",
    )
