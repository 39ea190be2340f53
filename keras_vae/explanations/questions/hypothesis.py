"""Which part is the hypothesis?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import NO_RATE
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, power_of_ten, table
from keras_vae.plots.grid import grid_figure

__all__ = ["answer"]


def answer(material: Material) -> Answer:
    """A hypothesis: a value of z that may have made x."""
    z, names = material.z, material.of_z
    likelihoods, priors = material.log_likelihood(z), material.log_prior(z)
    joints = likelihoods + priors
    best = int(np.argmax(joints))
    ahead = float(joints[best] - np.max(np.delete(joints, best)))
    rows = [
        (name, number(likelihood), number(prior), number(joint))
        for name, likelihood, prior, joint in zip(names, likelihoods, priors, joints, strict=True)
    ]
    if ahead > NO_RATE:
        told = (
            f"{names[best].capitalize()} is the best of the three. The next best is only "
            f"{power_of_ten(-ahead)} times as probable, given this x."
        )
    else:
        told = f"The best two are within {number(ahead)} nats: this x does not tell them apart."
    if not _differ(likelihoods):
        told += (
            f" The decoder hardly listens to z here: log p(x|z) differs by "
            f"{number(float(np.ptp(likelihoods)))} nats among the three."
        )
    paragraphs = [
        "A hypothesis is one value of z: 'this code has made x'. The prior says how probable it "
        "is before x is seen, the likelihood how well it explains x, the posterior how probable "
        "it is afterwards.",
        f"Three hypotheses for {material.name}:",
        table(("hypothesis z", "log p(x|z)", "log p(z)", "sum"), *rows),
        told,
        "To compare two hypotheses, p(x) is not needed: it is the same for both. The sums differ "
        "as the logs of their posteriors do.",
    ]
    numbers = {
        "z": z.tolist(),
        "log_likelihood": likelihoods.tolist(),
        "log_prior": priors.tolist(),
        "log_joint": joints.tolist(),
    }
    return answered("hypothesis", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _differ(likelihoods: np.ndarray) -> bool:
    return bool(np.ptp(likelihoods) > NO_RATE)


def _draw(material: Material) -> Figure:
    title = f"x, {material.told(0)}, and what three hypotheses z decode to"
    names = ("own code", f"code of {material.rows[material.far]}", "prior")
    if material.is_table:
        joints = material.log_joint(material.z)
        values = dict(zip(material.of_z, joints.tolist(), strict=True))
        return plots.bars(values, title, "log p(x|z) + log p(z) (nats)")
    examples = np.concatenate([array_of(material.one), material.decode(material.z)])
    figure, _ = grid_figure(examples, 4, title, column_labels=("x", *names))
    return figure
