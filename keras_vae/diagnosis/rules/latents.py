"""What do the latents do, and does the prior cover them?"""

from collections.abc import Iterator

import numpy as np

from keras_vae.data.given import count
from keras_vae.diagnosis.advice import (
    free_nats,
    learned_prior,
    longer_training,
    longer_warmup,
    unless_in_use,
)
from keras_vae.diagnosis.finding import ERROR, INFO, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import NO_RATE, Measurements
from keras_vae.measures import standard_error

__all__ = [
    "collapsed",
    "decoder_ignores_z",
    "generator_differs",
    "more_latents_would_pay",
    "prior_hole",
    "spare_latents",
]

# Nats that columns have in common: of less a latent would gain about as much as it costs.
LITTLE = 0.7
# What another prior must gain: nats, and a part of all that training has gained.
SMALLEST_HOLE, SMALLEST_PART = 1.0, 0.03


def may_have_collapsed(m: Measurements) -> bool:
    """Whether `collapsed` finds something: causes are not looked for, which takes time."""
    return _no_rate(m).is_beyond is not False


def _no_rate(m: Measurements) -> Evidence:
    rate = m.train_terms.rate
    return Evidence(
        "rate KL(q(z|x) || p(z)), nats",
        float(rate.mean()),
        NO_RATE,
        standard_error(rate),
        is_above=False,
    )


def collapsed(m: Measurements) -> Finding | None:
    if not may_have_collapsed(m):
        return None
    evidence = _no_rate(m)
    cause, remedy = next(_causes_of_collapse(m))
    return finding(
        "collapsed",
        _severity_of_collapse(m),
        evidence,
        "No latent carries information about x, so the decoder outputs the average of the data"
        f"{' of the same condition' if m.is_conditional else ''}: {cause}.",
        remedy,
        f"A rate above {NO_RATE} nats.",
    )


def _has_little_in_common(m: Measurements) -> bool:
    """Whether the columns of a table leave next to nothing for latents to explain."""
    return m.nats_in_common is not None and m.nats_in_common < LITTLE


def _severity_of_collapse(m: Measurements) -> str:
    """Where nothing is there to be learned, it is the optimum."""
    return INFO if _has_little_in_common(m) else ERROR


def _causes_of_collapse(m: Measurements) -> Iterator[tuple[str, str]]:
    """(cause, remedy) for each that applies, the surest first; the last always does."""
    threshold = m.known_threshold
    beta = m.effective_beta
    options = m.subject.options
    if _has_little_in_common(m):
        yield (
            f"the columns have only {m.nats_in_common:.2g} nats in common, as far as it is linear, "
            "and a latent would cost more than it gains",
            "None needed, unless they should have: then look whether columns are of the right kind "
            "(kvae schema), or were left out.",
        )
    if m.subject.log_prob is not None:
        yield (
            "the decoder sees x itself and explains each entry by its neighbours, so z has nothing "
            "left to explain",
            "Show the decoder less of x (a smaller receptive field, dropout on it), or allow free "
            f"nats: kvae fit {free_nats(options)}.",
        )
    if threshold is not None and threshold[0] < 1:
        has_sigma = m.sigma is not None or m.decodes_sigma
        learn = unless_in_use(options, "likelihood", "gaussian", "kvae fit --likelihood gaussian")
        yield (
            "the decoder's sigma is larger than anything that a latent could explain"
            if has_sigma
            else "the likelihood is wider than the data, so that every latent costs more than it "
            "gains, even at a KL weight of 1",
            f"Learn sigma: {learn or longer_training(options)}.",
        )
    if threshold is not None and beta > threshold[0]:
        weight = unless_in_use(options, "beta", 1, "kvae fit --beta 1, ")
        yield (
            f"the KL weight is {beta:.3g}, and above {threshold[0]:.3g} every latent costs more "
            "than it gains on these data",
            f"A weight below {threshold[0]:.3g}: {weight}log p(x|z) summed over entries.",
        )
    searched = m.searched_gain(1.0)
    if searched is not None and searched.mean() - 2 * standard_error(searched) > NO_RATE:
        yield (
            "the decoder uses z, but the encoder does not find the right one: codes found by a "
            f"search for each example would gain {searched.mean():.3g} nats",
            "Train the encoder: check encoder.trainable, its learning rate, and that no "
            "stop_gradient is applied to z or its parameters.",
        )
    probed = m.probe("both")
    if probed is not None and probed.rate.mean() > 2 * NO_RATE:
        yield _what_a_probe_mended(m)
    if threshold is None and beta > 1:
        yield (
            f"the KL weight is {beta:.3g}, where the ELBO has 1, so that latents cost {beta:.3g} "
            "times what they cost in log p(x)",
            f"A KL weight of 1{unless_in_use(options, 'beta', 1, ' (kvae fit --beta 1)')}.",
        )
    gains = "a latent would gain more than it costs on these data, but "
    yield (
        f"{'' if threshold is None else gains}training has stayed where it began, at the optimum "
        "without latents",
        f"Raise beta slowly ({longer_warmup(options) or 'kvae fit'}), or allow free nats: "
        f"{free_nats(options)}.",
    )


def _what_a_probe_mended(m: Measurements) -> tuple[str, str]:
    """(cause, remedy) where the ELBO alone, trained further, leads out of the collapse."""
    nothing_else = (
        "nothing in the model prevents the use of z: trained further with the ELBO, it begins to "
        "use z; so "
    )
    options = m.subject.options
    if not options:  # a training code of its own
        return (
            f"{nothing_else}the objective, or the encoder's gradient, was wrong",
            "Minimise distortion + rate with beta 1; check encoder.trainable, its learning rate, "
            "and that no stop_gradient is applied to z.",
        )
    if m.effective_beta > 1:
        return (
            f"{nothing_else}the KL weight, {m.effective_beta:.3g}, is too high",
            "kvae fit --beta 1.",
        )
    return f"{nothing_else}training was too short", f"Train longer: {longer_training(options)}."


def decoder_ignores_z(m: Measurements) -> Finding | None:
    gap, error = m.shuffle_gap
    rate = m.held_out.rate
    evidence = [
        Evidence(
            "rise of the distortion with the z of another example, nats",
            gap,
            NO_RATE,
            error,
            is_above=False,
        )
    ]
    sees_x = m.subject.log_prob is not None
    if not sees_x:  # without a rate it is a collapse
        evidence.append(Evidence("rate, nats", float(rate.mean()), NO_RATE, standard_error(rate)))
    return finding(
        "decoder_ignores_z",
        ERROR,
        tuple(evidence),
        "The decoder does as well with another example's z: "
        + (
            "it sees x itself and does not need z."
            if sees_x
            else "the nats that z costs gain nothing."
        ),
        f"Show the decoder less of x; free nats (kvae fit {free_nats(m.subject.options)}); check "
        f"that z is an input of the decoder.",
        "Another example's z makes the distortion many nats worse.",
    )


def spare_latents(m: Measurements) -> Finding | None:
    d, active = m.latents, int(m.active.sum())
    if not active:
        return None
    return finding(
        "spare_latents",
        INFO,
        Evidence("active latents, of all", active / d, 0.5, is_above=False),
        f"{active} of {d} latents are in use; the others equal the prior and cost nothing: the "
        "ELBO leaves unused what costs more than it gains.",
        f"None needed; --latent {max(active + active // 4, 1)} would be enough.",
        "Harmless.",
    )


def more_latents_would_pay(m: Measurements) -> Finding | None:
    threshold = m.residual_threshold
    if threshold is None or not m.active.all():
        return None
    value, error = threshold
    # of n entries and N examples even noise alone has one of (1 + sqrt(n / N))^2
    inflation = (1 + np.sqrt(m.entries / count(m.held_out.given))) ** 2
    return finding(
        "more_latents_would_pay",
        INFO,
        Evidence(
            "largest eigenvalue of the correlations that the decoder leaves in x, where 1 more "
            "latent pays above beta",
            value,
            2 * max(m.subject.beta, 1.0) * inflation,
            error,
        ),
        f"All {m.latents} latents are in use and what they leave unexplained is still correlated: "
        "one more latent, or a larger network, would raise the ELBO.",
        f"If the ELBO matters more than a picture: kvae fit --latent {2 * m.latents}, or a larger "
        f"--hidden.",
        "The remaining errors are independent noise of each entry.",
    )


def prior_hole(m: Measurements) -> Finding | None:
    gain = m.mixture_gain
    if gain is None:
        return None
    gained = Evidence(
        "nats gained by ten Gaussians, fitted to the codes, in place of the prior",
        float(gain.mean()),
        max(SMALLEST_HOLE, SMALLEST_PART * m.worth),
        standard_error(gain),
    )
    # what can be told apart need not matter: then the classifier, which takes longer, is not asked
    if gained.is_beyond is False or m.prior_auc is None:
        return None
    told_apart = Evidence(
        "area under the curve of a classifier that tells codes z ~ q(z) from draws of the prior "
        "(0.5: no better than chance)",
        m.prior_auc.auc,
        0.8,
        m.prior_auc.standard_error,
    )
    learned = learned_prior(m.subject.options)
    richer = f"a richer prior ({learned}), or " if learned else ""
    return finding(
        "prior_hole",
        WARNING,
        (told_apart, gained),
        "The codes of the data fill another region than the prior does: the decoder was not "
        "trained on much of what the prior draws, so samples are bad although reconstructions are "
        "good.",
        f"First beta 1 and a longer training; then {richer}samples from a density fitted to the "
        "codes.",
        "The classifier is hardly better than chance.",
    )


def generator_differs(m: Measurements) -> Finding | None:
    bins = m.generated_bins
    if bins is None:
        return None
    return finding(
        "generator_differs",
        ERROR,
        (
            Evidence(
                "probability that generated examples are those of the decoder on draws of the "
                f"prior (chi^2 of {bins.bins} clusters)",
                bins.p_value,
                1e-4,
                is_above=False,
            ),
            Evidence("largest share of decoded draws that samples lack", bins.excess, 0.03),
        ),
        "What the model generates does not come from the prior that it was trained with (another "
        "temperature, a truncated or repeated z): some kinds of example are missing.",
        "Draw z ~ p(z) afresh for each sample: vae.generate(count).",
        "Generated examples fall into clusters as often as decoded draws of the prior.",
    )
