"""Which part is the likelihood?"""

from collections.abc import Sequence
from math import prod

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import NO_RATE
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, power_of_ten, table

__all__ = ["answer", "listens"]

REACH, SIDE = 3.5, 71


def listens(log_likelihoods: Sequence[float] | np.ndarray) -> bool:
    """Whether log p(x|z) of one x depends on z, by more than half a nat over some places z."""
    return bool(np.ptp(log_likelihoods) > NO_RATE)


def answer(material: Material) -> Answer:
    """The likelihood p(x|z): the decoder's, of one x at several z."""
    found = material.log_likelihood(material.z)
    likelihood = material.vae.likelihood
    entries = prod(np.shape(array_of(material.one))[1:])
    unit = "probability" if likelihood.is_discrete else "density"
    best = int(np.argmax(found))
    others = [value for k, value in enumerate(found) if k != best]
    if not listens(found):
        told = (
            f"The three are the same to {number(float(np.ptp(found)))} nats: at all three the "
            f"decoder puts out nearly the same p(x|z), so z explains next to nothing of this x."
        )
    elif best == 0:
        told = (
            f"Of the three, its own code explains this x best. At the next best it is only "
            f"{power_of_ten(max(others) - found[0])} times as likely."
        )
    else:
        told = (
            f"Of the three, {material.of_z[best]} explains this x best, better than its own code: "
            f"the encoder of this model does not find the z that the decoder wants."
        )
    rows = [(name, number(value)) for name, value in zip(material.of_z, found, strict=True)]
    paragraphs = [
        f"The likelihood p(x|z) says how likely x is if z is its code. The decoder gives it: from "
        f"z it computes the parameters of {_family(material)} for x, and log p(x|z) is "
        f"the sum over the {entries:,} {'entry' if entries == 1 else 'entries'} of x (a {unit}).",
        f"Of {material.name}, at three places z:",
        table(("z", "log p(x|z)"), *rows),
        told,
        "Here x is fixed and z varies. Over z the likelihood is not a distribution: it need not "
        "add up to 1. The distortion that training reports is -log p(x|z), at z drawn from q(z|x).",
    ]
    numbers = {"z": material.z.tolist(), "log_likelihood": found.tolist()}
    return answered("likelihood", paragraphs, numbers, material.protocol, lambda: _draw(material))


def _draw(material: Material) -> Figure:
    title = f"The likelihood of {material.told(0)} over z"
    names = ("its own code", material.told(material.far), "prior")
    if material.is_plane:
        reach = max(REACH, 1.1 * float(np.abs(material.z).max()))
        values = material.log_likelihood(plots.plane_nodes(reach, SIDE))
        marks = dict(zip(names, material.z, strict=True))
        return plots.plane(values, reach, marks, title, "log p(x|z) (nats)")
    # on the straight line from its own code to the farthest one
    steps = np.linspace(-0.5, 1.5, 121)
    line = material.z[0] + steps[:, None] * (material.z[1] - material.z[0])
    lines = {"log p(x|z)": material.log_likelihood(line)}
    ends = {names[0]: 0.0, names[1]: 1.0}
    return plots.curves(steps, lines, title, "on the line through two codes", "nats", marks=ends)


def _family(material: Material) -> str:
    """What p(x|z) is, in words."""
    if material.dataset.schema is not None:
        return "a distribution of each column"
    return f"a {type(material.vae.likelihood).__name__}"
