"""Which part is the evidence?"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import change, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number, power_of_ten
from keras_vae.figure_tables import what_is_used
from keras_vae.measures import standard_error

__all__ = ["answer"]


def answer(material: Material) -> Answer:
    """The evidence: x that was seen, and p(x), its probability under the model."""
    evidence, error = material.log_evidence
    all_of_few = material.identity.log_evidence
    mean, spread = float(all_of_few.mean()), standard_error(all_of_few)
    gain, gain_error = change(material.baseline[: len(all_of_few)], all_of_few)
    z = material.z[:1]
    likelihood, prior = float(material.log_likelihood(z)[0]), float(material.log_prior(z)[0])
    price = likelihood - evidence
    is_exact = material.has_quadrature
    known = (
        f"log p(x) = {number(evidence)}, by quadrature over the latent space (error {error:.4f})."
        if is_exact
        else f"log p(x) is at least {number(evidence)}, by {material.method}. "
        f"{material.no_quadrature}."
    )
    if material.vae.likelihood.is_discrete:
        known += f" As a probability that is {power_of_ten(evidence)}: small, as of any one x."
    sign = "" if is_exact else "at least "
    used = what_is_used(material.dataset.is_conditional)
    are = "are" if material.dataset.is_conditional else "is"
    worth = {
        "above": f"{used} {are} worth {sign}{number(gain, gain_error)} nats an example: that much "
                 f"more than a model without {used}, whose entries are independent.",
        "below": f"That is {number(-gain, gain_error)} nats an example LESS than a model without "
                 f"{used}, whose entries are independent: this model has learned nothing useful.",
        "open": f"A model without {used}, whose entries are independent, does as well "
                f"(difference {number(gain, gain_error)} nats): {used} {are} worth nothing here.",
    }[side(gain, gain_error)]  # fmt: skip
    paragraphs = [
        "The evidence is x, what was seen. Its probability p(x) is the likelihood averaged over "
        "all hypotheses z, weighed by the prior: p(x) = integral of p(x|z) p(z) dz.",
        f"For {material.name}: {known}",
        "At its own code, Bayes' theorem gives the same number from three others:",
        formula(
            ("log p(x)", number(evidence)), "=", ("log p(x|z)", number(likelihood)), "+",
            ("log p(z)", number(prior)), "-",
            ("log p(z|x)", number(likelihood + prior - evidence)),
        ),
        f"The average over all z is {number(price)} nats below the likelihood at the best code: "
        f"most z explain this x badly."
        if price > 0.5
        else f"The average over all z is {number(abs(price))} nats "
        f"{'below' if price > 0 else 'above'} the likelihood at its own code: other z that the "
        "prior gives explain this x about as well.",
        f"Over {len(all_of_few)} examples log p(x) is {sign}{number(mean, spread)} on average. "
        f"{worth}",
    ]  # fmt: skip
    numbers = {
        "log_evidence": evidence,
        "log_evidence_error": error,
        "method": material.method,
        "examples": len(all_of_few),
        "mean_log_evidence": mean,
        "mean_log_evidence_standard_error": spread,
        "gain": gain,
        "gain_standard_error": gain_error,
    }
    return answered("evidence", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    bound = material.importance
    known: dict[str, Any] = {}
    if material.has_quadrature and material.identity.is_exact:
        known["log_evidence"] = float(material.identity.log_evidence.mean())
    missing = material.identity.log_evidence - bound.bounds
    errors = [standard_error(values) for values in missing]
    return plots.bound_by_samples(bound.ks, np.mean(bound.bounds, axis=1), errors, **known)
