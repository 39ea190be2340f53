"""What a client must know of each signature: shapes, dtypes, ranges, meaning."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from keras_vae.data.tables import LEVELS, Column
from keras_vae.distributions import Z_LOG_VAR_RANGE, DiagonalNormal
from keras_vae.export.columns import column_names
from keras_vae.export.served import Answers
from keras_vae.vae import VAE

__all__ = ["describe_protocol", "describe_signatures"]

MIN_POSITIVE = float(np.finfo("float32").tiny)
DTYPES = {"O": "string", "i": "int64", "f": "float32"}


def describe_signatures(
    answers: Answers, vae: VAE, x_range: Sequence[float], columns: Sequence[Column] = ()
) -> dict[str, Any]:
    """Every input and output by signature and name.

    Args:
        answers: dict of signature -> (dict of inputs, dict of outputs), as from `reference`.
        vae: the `VAE` that is served.
        x_range: (lowest, highest) value of x.
        columns: of a table, the entries of x, which stand in its place.

    Returns:
        Signature -> `inputs` and `outputs` -> name -> dtype, shape (None is the batch), range
        (None is no limit) and meaning; as JSON has them. Of a column also its name and kind in
        the table, and its categories.
    """
    meanings = _meanings(vae, x_range)
    of_table = dict(zip(column_names(columns), columns, strict=True))

    def describe(name: str, rows: np.ndarray) -> dict[str, Any]:
        if name in of_table:
            return {"dtype": DTYPES[rows.dtype.kind], "shape": [None], **_column(of_table[name])}
        meaning, limits = meanings[name]
        return {
            "dtype": DTYPES[rows.dtype.kind],
            "shape": [None, *rows.shape[1:]],
            "range": limits and [_finite(limit) for limit in limits],
            "meaning": meaning,
        }

    return {
        signature: {
            side: {name: describe(name, rows) for name, rows in arrays.items()}
            for side, arrays in zip(("inputs", "outputs"), sides, strict=True)
        }
        for signature, sides in answers.items()
    }


def _column(column: Column) -> dict[str, Any]:
    """What a client must know of a column."""
    told = {"column": column.name, "kind": column.kind, "range": None}
    if column.kind in LEVELS:
        categories = [str(value) for value in column.categories]
        return {**told, "meaning": 'one of its categories; "" where missing'} | {
            "categories": categories
        }
    unit = "days since 1970-01-01" if column.kind == "date" else "as the table stores it"
    low = {"positive": MIN_POSITIVE, "count": 0}.get(column.kind)
    return {**told, "range": [low, None], "meaning": f"{unit}; NaN where missing"}


def _meanings(vae: VAE, x_range: Sequence[float]) -> dict[str, tuple[str, Sequence[float] | None]]:
    """Name of a tensor -> (meaning, range)."""
    mean_range = vae.likelihood.support
    density = "" if vae.likelihood.is_discrete else "; a density, so that it may be above 0"
    is_diagonal = isinstance(vae.posterior_family, DiagonalNormal)
    z_log_var_range = Z_LOG_VAR_RANGE if is_diagonal else (-np.inf, np.inf)
    rate = ("KL(q(z|x) || p(z)), nats", (0.0, np.inf))
    if not vae.has_exact_rate:
        rate = ("KL(q(z|x) || p(z)), estimated from the draws of z, nats", (-np.inf, np.inf))
    return {
        "x": ("examples as the model saw them in training", x_range),
        "image_bytes": ("PNG or JPEG files; base64 over REST", None),
        "mask": ("1 where an entry of x was observed, 0 where it is missing", (0, 1)),
        "condition": ("what the model is told beside x or z, as in training", (-np.inf, np.inf)),
        "z": ("latents", (-np.inf, np.inf)),
        "seed": ("one for each row: the same seed, the same draws", (-(2**63), 2**63 - 1)),
        "reconstruction": (f"{vae.likelihood.reconstruction} of p(x|z) at z = z_mean", mean_range),
        "mean": (f"{vae.likelihood.reconstruction} of p(x|z)", mean_range),
        "z_mean": ("mean of q(z|x)", (-np.inf, np.inf)),
        "z_log_var": ("natural log of the variance of q(z|x)", z_log_var_range),
        "elbo": (f"-(distortion + rate), nats, beta = 1{density}", (-np.inf, np.inf)),
        "rate": rate,
        "distortion": ("mean of -log p(x|z) over the draws of z, nats", (-np.inf, np.inf)),
        "importance_weighted_bound": ("L_K <= log p(x) in the mean, nats", (-np.inf, np.inf)),
    }


def describe_protocol(
    samples: int,
    pixels: str | None,
    support: tuple[float, float],
    parts: Collection[str] = (),
    has_columns: bool = False,
) -> list[str]:
    """What scores and the pixels in encoded images depend on, and which rows have no answer.

    Args:
        samples, pixels: as for `signatures`.
        support: of the likelihood.
        parts: which of `mask` and `condition` the model takes.
        has_columns: whether x is given column by column.
    """
    low, high = support
    outside = f"outside [{low:g}, {high:g}]" if np.isfinite([low, high]).any() else "infinite"
    protocol = [
        f"score takes {samples} draws of z ~ q(z|x) a row, by the row's seed; K = {samples}"
    ]
    if pixels is not None:
        words = {
            "none": "gray levels in [0, 1]",
            "threshold": "1 where gray > 0.5",
        }.get(pixels, "drawn as Bernoulli(gray), by the row's seed, or by 0 without one")
        protocol.append(f"pixels of encoded images: {words}")
    if "condition" in parts:
        protocol.append(
            "the model is conditional: every signature needs condition, one row for each row of "
            "its other inputs, coded as in training"
        )
    if has_columns:
        protocol.append(
            'a row is given column by column; NaN, and "" of a category, is missing, and scores '
            "are of the other columns; a row with a value that its column cannot hold, such as an "
            "unknown category or a count of 2.5, is answered with NaN"
        )
        return protocol
    if "mask" in parts:
        protocol.append(
            "x comes with a mask: an entry of mask 0 is not looked at, whatever it holds, and "
            "scores are of the others; a mask of ones is that of complete rows"
        )
    protocol.append(
        f"a row of x that is {outside} has p(x|z) = 0: its elbo and importance_weighted_bound are "
        f"-inf, its distortion is inf, and all else is NaN, as is every answer to a row with NaN"
    )
    if parts:
        protocol.append(
            "a row of condition that is infinite, and one of a mask with other values than 0 and "
            "1, is answered with NaN"
        )
    return protocol


def _finite(limit: float) -> float | None:
    return limit if np.isfinite(limit) else None
