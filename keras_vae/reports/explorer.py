"""What the latent explorer of a page needs: codes, colours, inputs, and the decoder itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_vae.data import Dataset, array_of, count, part_of, take
from keras_vae.distributions import StandardNormal
from keras_vae.errors import DoesNotApply
from keras_vae.evidence import examples_for
from keras_vae.evidence.latent_order import latents_by_rate
from keras_vae.reports.decoder import decoder_steps
from keras_vae.reports.grid import decoded_grid
from keras_vae.reports.looks import looks_of
from keras_vae.reports.packed import packed
from keras_vae.vae import VAE

__all__ = ["explorer_data", "packed_decoder"]

MOST_POINTS = 10_000
MOST_CODES = 1_000_000  # numbers of z_mean in a page
PROBES = 256  # latents at which the page's decoder is held against the model's
REACH = 3.4  # of the plane, at least: 99.9% of N(0, 1)
# By how much of the range of its values an entry may differ: a pixel has 255 steps, and a quarter
# of one is seen by nobody; in float32 only the order of sums differs.
TOLERANCES = {"float16": 0.25 / 255, "float32": 1e-4}
MOST_WEIGHTS = 5_500_000  # bytes: a page of more takes long to open


def explorer_data(
    vae: VAE, dataset: Dataset, codes: Mapping[str, np.ndarray] | None = None
) -> dict[str, Any]:
    """All that `static/explorer.js` is given, ready for JSON.

    Args:
        vae: `VAE`.
        dataset: `Dataset`, of whose test split up to 10,000 examples are shown.
        codes: as `Run.codes` has them; None: how they came about is not shown.
    """
    d = vae.latent_dim
    most = min(MOST_POINTS, max(MOST_CODES // d, 100))
    examples = dataset.seen(dataset.shown_split, most)
    x = examples_for(vae, examples.given)
    z_mean, z_log_var = vae.encode(x)
    draws = _draws(vae, x)
    order, rates = latents_by_rate(vae, x, z_mean)
    axes = sorted(order[:2])
    limits = np.maximum(REACH, 1.05 * np.quantile(np.abs(z_mean), 0.9995, axis=0))
    values = array_of(x)
    looks = looks_of(dataset, values)
    found: dict[str, Any] = {
        "latents": d,
        "points": count(x),
        "total": len(dataset.split(dataset.shown_split)),
        "split": dataset.shown_split,
        "rates": None if rates is None else [float(rate) for rate in rates],
        "axes": axes,
        "standard_prior": type(vae.prior) is StandardNormal,
        "order": order,
        "limits": [float(limit) for limit in limits],
        "mean": packed(z_mean, "float32" if d < 4 else "float16"),
        "sd": packed(np.exp(z_log_var / 2), "float16"),  # sqrt(variance)
        "draws": packed(draws, "float16"),
        "prior": packed(vae.prior.distribution(d).sample(count(x), seed=(0, 0)), "float16"),
        "rows": None if examples.rows is None else packed(examples.rows, "int32"),
        "colours": _colours(dataset, examples.labels, values, part_of(x, "mask")),
        "looks": looks.to_dict(),
        "inputs": looks.pack(values, part_of(x, "mask")),
        "condition": _condition(dataset, part_of(x, "condition")),
    }
    if codes is not None:
        found["epochs"] = {
            "epochs": codes["epochs"].tolist(),
            "count": codes["z_mean"].shape[1],
            "codes": packed(codes["z_mean"], "float16"),
        }
    probes = np.concatenate([z_mean[:PROBES], draws[:PROBES]])
    try:
        found["decoder"] = packed_decoder(vae, probes, _repeated(x, len(probes)))
    except DoesNotApply as reason:
        grid = decoded_grid(vae, dataset, x, looks, axes, limits, str(reason))
        found["grid"] = {**grid, "reconstructions": looks.pack(vae.predict(x, verbose=0))}
    return found


def _repeated(x: Any, most: int) -> Any:
    """Examples again and again, `most` of them."""
    return take(x, np.arange(most) % count(x))


def packed_decoder(vae: VAE, z: np.ndarray, x: Any) -> dict[str, Any]:
    """The decoder as the page computes it, held against `VAE.decode`.

    Args:
        vae: `VAE`.
        z: (N, d), where the two are compared.
        x: N examples, of whose conditions they are.

    Returns:
        `steps`, `inputs` and `weights`, float16 where that moves no value by a quarter of a step of
        255, else float32; and `difference`, the largest difference found, of the range of an entry.

    Raises:
        DoesNotApply: where the page cannot compute this decoder, with the reason.
    """
    steps = decoder_steps(vae)
    condition = part_of(x, "condition")
    flat = None if condition is None else condition.reshape(len(condition), -1)
    expected = vae.decode(z, condition=condition).reshape(len(z), -1)
    # what a difference is a share of: [0, 1], or the range of each entry
    is_unit = tuple(vae.likelihood.support) == (0, 1)
    span = 1.0 if is_unit else np.maximum(np.ptp(expected, axis=0), 1e-6)
    for dtype, tolerance in TOLERANCES.items():
        weights = [_rounded(weight, dtype) for weight in steps.weights]
        difference = np.abs(steps.with_weights(weights).run(z, flat) - expected)
        share = float(np.max(difference / span))
        if share <= tolerance:
            size = sum(weight.astype(_dtype(weight, dtype)).nbytes for weight in weights)
            if size > MOST_WEIGHTS:
                raise DoesNotApply(
                    f"its weights, {size / 1e6:.0f} MB, would make the page too large"
                )
            return {
                "inputs": steps.inputs,
                "steps": steps.steps,
                "weights": [packed(weight, _dtype(weight, dtype)) for weight in steps.weights],
                "dtype": dtype,
                "difference": share,
                "probes": len(z),
            }
    raise DoesNotApply(f"the page's decoder differs from the model's by {share:.2g} of the range")


def _dtype(weight: np.ndarray, dtype: str) -> str:
    """Matrices are large; what is added at the end costs nothing."""
    return dtype if weight.ndim > 1 else "float32"


def _rounded(weight: np.ndarray, dtype: str) -> np.ndarray:
    return weight.astype(_dtype(weight, dtype)).astype("float32")


def _draws(vae: VAE, x: Any) -> np.ndarray:
    """One z ~ q(z|x) for each example: draws of the aggregated posterior. (N, d)."""
    batches = vae.in_batches(x, 500)
    draws = [vae.posterior(batch).sample(seed=(1, i)) for i, batch in enumerate(batches)]
    return np.concatenate(draws)


def _colours(
    dataset: Dataset, labels: np.ndarray | None, x: np.ndarray, mask: np.ndarray | None
) -> list[dict[str, Any]]:
    """What points can be coloured by: the classes, and the columns of a table."""
    found: list[dict[str, Any]] = []
    if labels is not None:
        names = dataset.class_names
        if names is None:
            values, labels = np.unique(labels, return_inverse=True)
            names = tuple(str(value) for value in values)
        found.append(_classes("class", labels, names))
    if dataset.schema is None:
        return found
    for entry, column in enumerate(dataset.schema.modelled):
        values = x[:, entry]
        there = np.ones(len(x), bool) if mask is None else mask[:, entry] > 0
        if column.categories:
            codes = np.where(there, values, -1)
            found.append(_classes(column.name, codes, [str(value) for value in column.categories]))
        else:
            shown = packed(np.where(there, values, np.nan), "float32")
            found.append({"name": column.name, "values": shown, "entry": entry})
    return found


def _classes(name: str, codes: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "classes": list(names), "values": packed(codes, "int32")}


def _condition(dataset: Dataset, condition: np.ndarray | None) -> dict[str, Any] | None:
    """What the model is told of each point, and what it can be told in its place."""
    if condition is None:
        return None
    flat = condition.reshape(len(condition), -1)
    return {
        "values": packed(flat, "float16" if len(dataset.conditions) else "float32"),
        "parts": [{**each.to_dict(), "entries": len(each.entries)} for each in dataset.conditions],
    }
