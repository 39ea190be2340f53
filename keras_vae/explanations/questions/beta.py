"""What does the weight of the KL, beta, do?"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.companions import COLLAPSING, Companion
from keras_vae.explanations.decisions import change, is_falling, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import listed, number, table
from keras_vae.measures import standard_error

__all__ = ["BETAS", "answer", "told_of_best", "told_of_trade"]

FAR = 3.0
BETAS = (0.0, 0.25, 1.0, 4.0, 8.0, COLLAPSING)


def told_of_trade(companions: Sequence[Companion]) -> str:
    """Whether rate falls and distortion rises with beta, of companions in the order of beta."""
    falls = is_falling([each.rate for each in companions])
    rises = is_falling([-each.distortion for each in companions])
    if falls and rises:
        return "The rate falls and the distortion rises with beta: it trades one for the other."
    wrong = [("the rate does not fall throughout", falls), ("the distortion does not rise "
             "throughout", rises)]  # fmt: skip
    which = listed([words for words, holds in wrong if not holds])
    return (
        f"One would expect the rate to fall and the distortion to rise with beta. In these short "
        f"trainings {which}."
    )


def told_of_best(companions: list[Companion]) -> str:
    """Which beta has the highest ELBO, and whether that is clearly above that of beta = 1."""
    best = max(companions, key=lambda each: float(each.elbo.mean()))
    (one,) = (each for each in companions if each.beta == 1)
    if best is one:
        return "The ELBO is highest at beta = 1, the weight that it has itself."
    ahead, error = change(one.elbo, best.elbo)
    if side(ahead, error) == "above":
        return (
            f"The ELBO is highest at beta = {best.beta:g} here, {number(ahead, error)} nats above "
            f"that of beta = 1: in a short training on few examples another weight can be better, "
            f"on examples that were not trained on, than the one that the bound has."
        )
    return (
        f"The ELBO of beta = {best.beta:g} and that of beta = 1 cannot be told apart "
        f"(difference {number(ahead, error)} nats)."
    )


def answer(material: Material) -> Answer:
    """Rate, distortion and ELBO by beta, of small models trained here."""
    companions = [material.companions.of(beta) for beta in BETAS]
    rates = np.array([each.rate.mean() for each in companions])
    distortions = np.array([each.distortion.mean() for each in companions])
    rate_errors = np.array([standard_error(each.rate) for each in companions])
    rows = [
        (f"{each.beta:g}", number(each.rate.mean()), number(each.distortion.mean()),
         number(each.elbo.mean()))
        for each in companions
    ]  # fmt: skip
    paragraphs = [
        "Training minimises distortion + beta * rate. Beta is the price of a nat of rate: how far "
        "q(z|x) may leave the prior for a lower distortion. Models of the same networks, trained "
        "here for a short time:",
        table(("beta", "rate", "distortion", "ELBO"), *rows),
        f"{told_of_trade(companions)} {told_of_best(companions)}",
        _of_own(material),
    ]
    numbers = {
        "beta": [each.beta for each in companions],
        "rate": rates.tolist(),
        "rate_standard_error": rate_errors.tolist(),
        "distortion": distortions.tolist(),
        "elbo": [float(each.elbo.mean()) for each in companions],
        "own_beta": material.beta,
    }
    protocol = f"{material.protocol}; {material.companions.protocol}"
    return answered("beta", paragraphs, numbers, protocol, lambda: _draw(material, companions))


def _of_own(material: Material) -> str:
    """Whether the loss of this model is a bound of log p(x)."""
    rate, distortion = float(material.rate.mean()), float(material.distortion.mean())
    beta = material.beta
    loss = distortion + beta * rate
    start = (
        f"This model was trained with beta = {beta:g}: {number(distortion)} + {beta:g} * "
        f"{number(rate)} = {number(loss)} nats. "
    )
    if material.bounds:
        return start + (
            "Only with beta = 1 is the loss the negative ELBO, so minus this loss is a lower "
            "bound of log p(x)."
        )
    if beta == 1:
        return start + (
            "Its loss has another part as well (free nats or another objective), so minus the "
            "loss is not the ELBO. The ELBO above is computed without it."
        )
    bound = f"The bound of log p(x) is the ELBO with beta = 1: {number(-(rate + distortion))}."
    if beta > 1:
        return start + (
            f"That is not the negative ELBO: the rate counts {beta:g} times. Minus this loss lies "
            f"(beta - 1) * rate = {number((beta - 1) * rate)} nats below the ELBO, so it says less "
            f"of log p(x). {bound}"
        )
    return start + (
        f"That is not the negative ELBO: the rate counts {beta:g} times. Minus this loss is no "
        f"bound of log p(x). {_above(material)}{bound}"
    )


def _above(material: Material) -> str:
    """Where minus a loss with beta below 1 lies above log p(x) for some examples: how often."""
    if not material.has_quadrature:
        return ""
    identity, count = material.identity, len(material.identity.elbo)
    # -loss = ELBO + (1 - beta) rate
    without = identity.elbo + (1 - material.beta) * material.rate[:count]
    above = int(np.sum(without > identity.log_evidence))
    return f"It lies above log p(x) for {above} of {count} examples. "


def _draw(material: Material, companions: list[Companion]) -> Figure:
    points = sorted(
        (float(each.rate.mean()), float(each.distortion.mean()), f"{each.beta:g}")
        for each in companions
    )
    notes = [
        f"This model, in a training of its own: rate {material.rate.mean():.2f}, distortion "
        f"{material.distortion.mean():.2f}."
    ]
    # a rate that nothing holds back would squeeze all others to the left
    rate, distortion, beta = points[-1]
    if rate > FAR * points[-2][0]:
        notes.append(f"Too far to the right: beta {beta}, {rate:.2f} and {distortion:.2f}.")
        del points[-1]
    at: dict[tuple[float, float], list[str]] = {}
    for rate, distortion, beta in points:
        at.setdefault((round(rate, 1), round(distortion, 1)), []).append(beta)
    rates, distortions = zip(*at, strict=True)
    return plots.curves(
        rates,
        {"models trained here": distortions},
        "Rate and distortion by beta",
        "rate (nats)",
        "distortion (nats)",
        "\n".join(notes),
        points=[f"beta {', '.join(betas)}" for betas in at.values()],
    )
