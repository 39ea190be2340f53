"""Subjects of a table, in closed form."""

import numpy as np

from keras_vae.data.tables import LEVELS, Column
from keras_vae.diagnosis import Subject
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import Columns, DiagonalGaussian

WIDE = -40.0  # log variance of q(z|x): z is z_mean


def table_subject(
    x, kinds=None, mask=None, told=(), log_var=-6.0, categories=(), test=None, **more
):
    """A model of real columns, of which z, the first columns in standard deviations, tells some.

    Args:
        x: (N, C): the training rows.
        kinds: of the columns, whatever they are modelled by.
        mask: (N, C), or None.
        told: numbers of the columns that z tells.
        log_var: of these columns given z, of their variance.
        categories: of all columns that have some.
        test: (M, C): the test rows; None: those of training.
        more: other attributes of the `Subject`.
    """
    x = np.asarray(x, "float32")
    columns = x.shape[1]
    mask = np.ones_like(x) if mask is None else np.asarray(mask, "float32")
    likelihood = Columns({"real": DiagonalGaussian()}, {"real": range(columns)})
    best = likelihood.fit_without_z(x, mask)
    part = likelihood.parts["real"]
    center, scale = np.asarray(part.center), np.asarray(part.scale)

    def encode(given):
        z = ((given["x"] - center) / scale).astype("float32")
        return z, np.full_like(z, WIDE)

    def decode(z, *condition):
        parts = {name: np.repeat(value[None], len(z), axis=0) for name, value in best.items()}
        for j in told:
            parts["real_mean"][:, j] = z[:, j]
            parts["real_log_var"][:, j] = log_var
        return parts

    given = {"x": x, "mask": mask}
    if test is not None:
        test = {"x": np.asarray(test, "float32"), "mask": np.ones_like(test, "float32")}
    named = tuple(
        Column(f"c{j}", kind, categories if kind in LEVELS else ())
        for j, kind in enumerate(kinds or ["real"] * columns)
    )
    likelihood = OfLikelihood(likelihood)
    return Subject(encode, decode, likelihood, given, test or given, columns=named, **more)
