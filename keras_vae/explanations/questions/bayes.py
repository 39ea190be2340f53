"""Is p(z|x) the same as p(x|z) p(z)?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, power_of_ten, table

__all__ = ["answer"]


def answer(material: Material) -> Answer:
    """p(z|x) p(x) = p(x|z) p(z), and what is left when p(x) is forgotten."""
    z, names = material.z, material.of_z
    joints = material.log_joint(z)
    evidence, error = material.log_evidence
    opening = [
        "No: the denominator is missing. Bayes' theorem is p(z|x) = p(x|z) p(z) / p(x), so "
        "p(z|x) p(x) = p(x|z) p(z). Both sides are p(x, z), the joint probability.",
    ]
    numbers = {
        "z": z.tolist(),
        "log_joint": joints.tolist(),
        "log_evidence": evidence,
        "log_evidence_error": error,
        "method": material.method,
    }
    small = power_of_ten(evidence)
    if material.has_quadrature:
        # p(z|x) by a lattice of its own, which shares no node with that of p(x)
        posteriors = joints - float(material.exact.log_normaliser[0])
        left = posteriors + evidence
        off = float(np.max(np.abs(left - joints)))
        rows = [
            (name, number(p), number(p + evidence), number(joint))
            for name, p, joint in zip(names, posteriors, joints, strict=True)
        ]
        told = [
            f"Checked for {material.name}, with log p(x) = {number(evidence)} by quadrature:",
            table(("z", "log p(z|x)", "+ log p(x)", "log p(x|z)p(z)"), *rows),
            f"The last two columns agree to {off:.4f} nats. p(z|x) was made to add up to 1 on one "
            f"set of points in the latent space, p(x) was summed over another, so the check could "
            f"fail.",
            f"Forget p(x), and each log density is wrong by {number(abs(evidence))}, the same at "
            f"every z. p(x|z) p(z) then adds up to p(x) ({small}) over all z, not to 1. Its shape "
            f"over z is right; that is why the two look alike.",
        ]
        numbers |= {"log_posterior": posteriors.tolist(), "largest_difference": off}
    else:
        sums = [(name, number(joint)) for name, joint in zip(names, joints, strict=True)]
        told = [
            f"For {material.name}:",
            table(("z", "log p(x|z)p(z)"), *sums),
            f"{material.no_quadrature}. {material.method[0].upper()}{material.method[1:]} gives "
            f"log p(x) >= {number(evidence)}. To make posteriors of the sums above, subtract log "
            f"p(x), the same number from each.",
            f"Forget p(x), and p(x|z) p(z) adds up to p(x), at least {small}, over all z, not to 1."
            if evidence < 0
            else "Forget p(x), and p(x|z) p(z) adds up to p(x) over all z, not to 1.",
        ]
    return answered("bayes", [*opening, *told], numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    """Along the latent that the example says most about, through its code."""
    j, z = int(np.argmin(material.stds[0])), material.z[0]
    reach = 8 * material.stds[0, j]
    along = np.linspace(z[j] - reach, z[j] + reach, 201)
    places = np.tile(z, (len(along), 1))
    places[:, j] = along
    joint = material.log_joint(places)
    evidence, _ = material.log_evidence
    is_exact = material.has_quadrature
    known = "log p(z|x)" if is_exact else "log p(z|x), at most"
    lines = {known: joint - evidence, "log p(x|z) p(z), the denominator forgotten": joint}
    title = f"Two curves of one shape, {abs(evidence):.1f} nats apart: log p(x)"
    return plots.curves(
        along, lines, title, f"z_{j + 1}, through the code of {material.told(0)}", "nats"
    )
