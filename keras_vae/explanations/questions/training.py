"""Training minimises KL(p_data || p_theta): what has that to do with log p(x)?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import take
from keras_vae.evidence import examples_for, posterior_terms
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import change, side
from keras_vae.explanations.material import MOST_EXAMPLES, SAMPLES, Material
from keras_vae.explanations.words import number, table
from keras_vae.figure_tables import what_is_used
from keras_vae.measures import standard_error
from keras_vae.terms import elbo

__all__ = ["answer", "told_of_held_out"]


def told_of_held_out(lost: float, error: float) -> str:
    """Whether training examples have a higher ELBO than those that were held out."""
    return {
        "above": f"Training examples have an ELBO that is {number(lost, error)} nats higher: their "
                 "mean says how well the model fits them, not how well it fits the data to come. "
                 "So look at held-out examples.",
        "below": f"Training examples have an ELBO that is {number(-lost, error)} nats lower than "
                 "those held out: no sign of overfitting.",
        "open": f"Training and held-out examples have the same ELBO within its error "
                f"({number(lost, error)} nats): no sign of overfitting.",
    }[side(lost, error)]  # fmt: skip


def answer(material: Material) -> Answer:
    """Held-out log p(x) is the figure of merit: it differs from -KL by a constant only."""
    identity = material.identity
    evidence = identity.log_evidence
    count = len(evidence)
    baseline = material.baseline[:count]
    gain, gain_error = change(baseline, evidence)
    used = what_is_used(material.dataset.is_conditional)
    found = np.asarray(elbo(material.distortion, material.rate))
    known = f"log p(x), {material.known}"
    rows = [
        (known, f"{count}", number(float(evidence.mean()), standard_error(evidence))),
        (f"the same without {used}", f"{count}", number(float(baseline.mean()),
                                                 standard_error(baseline))),
        ("ELBO, held out", f"{len(found)}", number(float(found.mean()), standard_error(found))),
    ]  # fmt: skip
    numbers = {
        "log_evidence": float(evidence.mean()),
        "log_evidence_standard_error": standard_error(evidence),
        "examples": count,
        "gain": gain,
        "gain_standard_error": gain_error,
        "elbo": float(found.mean()),
        "elbo_standard_error": standard_error(found),
    }
    held_out = None
    if material.dataset.is_split:
        trained = _of_training(material)
        lost = float(trained.mean() - found.mean())
        error = float(np.hypot(standard_error(trained), standard_error(found)))
        rows.append(("ELBO, training", f"{len(trained)}",
                     number(float(trained.mean()), standard_error(trained))))  # fmt: skip
        numbers |= {"training_elbo": float(trained.mean()),
                    "training_elbo_standard_error": standard_error(trained)}  # fmt: skip
        held_out = told_of_held_out(lost, error)
    sign = "" if material.has_quadrature else "at least "
    closer = {
        "above": f"This model is {sign}{number(gain, gain_error)} nats nearer to p_data, in this "
                 f"KL, than one without {used}. How far both are from it nobody knows.",
        "below": f"This model is {number(-gain, gain_error)} nats FARTHER from p_data, in this "
                 f"KL, than one without {used}.",
        "open": f"This model and one without {used} are equally far from p_data within the error "
                f"({number(gain, gain_error)} nats).",
    }[side(gain, gain_error)]  # fmt: skip
    if not material.has_quadrature and side(gain, gain_error) == "below":
        closer = (
            f"The bound of this model lies {number(-gain, gain_error)} nats below log p(x) of a "
            f"model without {used}: which of the two is nearer to p_data cannot be told from a "
            "bound."
        )
    paragraphs = [
        "KL(p_data || p_theta) = E[log p_data(x)] - E[log p_theta(x)], the mean over the data. The "
        "first term does not depend on the model: nobody knows it, and nothing changes it. So a "
        "smaller KL is a larger mean of log p_theta(x), and the difference of two models in the "
        "one is their difference in the other.",
        "That mean is estimated on examples that training has not seen:"
        if material.dataset.is_split
        else "These data were given without a split, so some of them may have been trained on, "
        "and the mean may be too high:",
        table(("", "examples", "mean"), *rows),
        closer,
        held_out,
        None
        if material.bounds
        else f"Training maximised another number here (beta = {material.beta:g}"
        f"{', free nats' if material.vae.free_nats else ''}), so it did not minimise this KL.",
    ]
    return answered("training", paragraphs, numbers, material.protocol,
                    lambda: _draw(numbers, float(baseline.mean()), known))  # fmt: skip


def _of_training(material: Material) -> np.ndarray:
    """The ELBO of training examples, as many as of those held out."""
    x = examples_for(material.vae, material.dataset.given("train", MOST_EXAMPLES))
    terms = posterior_terms(material.vae, take(x, slice(MOST_EXAMPLES)), SAMPLES, material.seed)
    return np.asarray(elbo(*terms))


def _draw(numbers: dict[str, float], baseline: float, known: str) -> Figure:
    values = {known: numbers["log_evidence"], "without z": baseline, "ELBO": numbers["elbo"]}
    errors = {known: numbers["log_evidence_standard_error"],
              "ELBO": numbers["elbo_standard_error"]}  # fmt: skip
    if "training_elbo" in numbers:
        values["ELBO of training examples"] = numbers["training_elbo"]
        errors["ELBO of training examples"] = numbers["training_elbo_standard_error"]
    return plots.bars(values, "The figure of merit: mean log p(x) of held-out examples",
                      "nats per example", errors, "Bars of error: one standard error.")  # fmt: skip
