"""How do similar inputs come to lie together, if no term compares them?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.data import array_of, take
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import change, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table
from keras_vae.measures import (
    ElboSurgery,
    neighbour_distance,
    neighbour_purity,
    shuffled_purity,
    standard_error,
)
from keras_vae.vae import VAE

__all__ = ["BETAS", "FIXED_CODES", "answer", "told_of_dealt", "told_of_purity"]

LARGE = 8.0
BETAS = (0.0, LARGE)
FIXED_CODES = 2  # decoders that are trained alone


def told_of_purity(purity: float, chance: float, spread: float) -> str:
    """Whether neighbours share their class more often than by chance; `spread` is the standard
    deviation of what chance gives, with the error of the purity."""
    shares = f"{purity:.0%} of the nearest neighbours of a code have its class"
    return {
        "above": f"In this model {shares}; with the labels shuffled, {chance:.0%}. So classes do "
                 "lie together.",
        "below": f"In this model only {shares}, fewer than with the labels shuffled "
                 f"({chance:.0%}).",
        "open": f"In this model {shares}: no more than with the labels shuffled ({chance:.0%}). "
                "So classes do NOT lie together here.",
    }[side(purity, spread, chance)]  # fmt: skip


def told_of_dealt(loss: float, error: float, overlap: bool = True) -> str:
    """What it costs to decode the same ranges, dealt out to other examples; `overlap`: whether
    ranges overlap."""
    why = (
        "ranges overlap, so it must decode neighbours alike"
        if overlap
        else "a decoder is smooth, so it decodes neighbours alike even where ranges do not overlap"
    )
    return {
        "above": f"The rate is the same, but the decoder then loses {number(loss, error)} nats "
                 f"more: {why}, and it loses least where neighbours ARE alike. That is what moves "
                 "similar inputs together.",
        "below": f"Here that decoder even loses {number(-loss, error)} nats less: in this model "
                 "the places of the codes are no help to the decoder.",
        "open": f"Here that costs nothing that can be told (distortion {number(loss, error)} nats "
                "higher): what z says about x is not used, so no force moves similar inputs "
                "together.",
    }[side(loss, error)]  # fmt: skip


def _opening(surgery: ElboSurgery | None) -> tuple[str, bool]:
    """What acts in place of a term that compares inputs, and whether ranges overlap."""
    start = (
        "Neither term compares two inputs, or sees a class. But z is drawn from the range q(z|x)"
    )
    if surgery is None:
        return f"{start}, and ranges may overlap.", True
    if surgery.is_saturated:
        return (
            f"{start}; the ranges of these {surgery.examples} examples hardly overlap here.",
            False,
        )
    # e^(log N - I): of how many examples a z may be
    many = max(float(np.exp(surgery.ceiling - surgery.mutual_information)), 1.0)
    return (
        f"{start}, and ranges overlap: a drawn z could be that of about {many:.1f} of the "
        f"{surgery.examples} examples.",
        True,
    )


def answer(material: Material) -> Answer:
    """What moves codes together: noise, and a decoder that decodes neighbours alike."""
    others = {beta: material.companions.of(beta) for beta in BETAS}
    own, dealt = _decoded(material)
    loss, error = change(own, dealt)
    codes: dict[str, np.ndarray] = {"this model": material.drawn}
    if not material.is_table:
        flat = array_of(material.x).reshape(material.examples, -1)
        codes |= {"x itself": flat, f"PCA of x, {material.latents}": _principal(flat, material)}
    codes |= {f"beta = {beta:g}": each.drawn for beta, each in others.items()}
    opening, overlap = _opening(material.surgery)
    paragraphs: list[str | None] = [opening]
    numbers: dict[str, object] = {"dealt_loss": loss, "dealt_loss_standard_error": error}
    if material.labels is None:
        paragraphs.append(
            "These data have no labels, so no class can be looked for."
            + ("" if material.is_table else " How unlike x the x of the nearest codes are instead, "
               "where 1 is the mean over all pairs:")
        )  # fmt: skip
        if not material.is_table:
            paragraphs += _of_distance(material, codes, numbers)
    else:
        paragraphs += _of_purity(material, codes, numbers)
    paragraphs += [
        "A test: leave every range as it is, but deal them out to the examples at random, and "
        f"train a new decoder. {told_of_dealt(loss, error, overlap)}",
    ]
    protocol = f"{material.protocol}; {material.companions.protocol}"
    return answered("neighbours", paragraphs, numbers, protocol, lambda: _draw(material, codes))


def _of_purity(
    material: Material, codes: dict[str, np.ndarray], numbers: dict[str, object]
) -> list[str]:
    labels = material.labels
    assert labels is not None  # the caller has looked
    purities = {name: neighbour_purity(of, labels) for name, of in codes.items()}
    chance, spread = shuffled_purity(codes["this model"], labels, seed=material.seed)
    own = purities["this model"]
    spread = float(np.hypot(spread, standard_error(own)))
    rows = [(name, f"{each.mean():.2f} ± {standard_error(each):.2f}")
            for name, each in purities.items()]  # fmt: skip
    rows.append(("labels shuffled", f"{chance:.2f}"))
    numbers |= {
        "purity": {name: float(each.mean()) for name, each in purities.items()},
        "purity_standard_error": {name: standard_error(each) for name, each in purities.items()},
        "shuffled": chance,
    }
    told = [
        f"{told_of_purity(float(own.mean()), chance, spread)} The share of the 10 nearest "
        f"neighbours that have the same class:",
        table(("neighbours by", "same class"), *rows),
    ]
    if "x itself" in purities and side(float(own.mean()), spread, chance) == "above":
        less, error = change(purities["x itself"], own)
        told.append({
            "above": "That is more than for x itself: the codes part the classes better than "
                     "distances between the inputs do.",
            "below": "For x itself the share is higher: inputs of one class look alike to begin "
                     "with. The codes keep what likeness there is, and add no knowledge of "
                     "classes.",
            "open": "For x itself the share is the same: inputs of one class look alike, and the "
                    "codes keep that.",
        }[side(less, error)])  # fmt: skip
    if material.dataset.is_conditional:
        told.append("This model is told a condition, which z then need not say again.")
    return told


def _of_distance(
    material: Material, codes: dict[str, np.ndarray], numbers: dict[str, object]
) -> list[str]:
    x = array_of(material.x)
    distances = {name: neighbour_distance(of, x) for name, of in codes.items()}
    rows = [(name, f"{each.mean():.2f} ± {standard_error(each):.2f}")
            for name, each in distances.items()]  # fmt: skip
    own = distances["this model"]
    mean, error = float(own.mean()), standard_error(own)
    numbers |= {"distance": {name: float(each.mean()) for name, each in distances.items()}}
    told = {
        "below": "In this model nearest codes belong to inputs that are more alike than others.",
        "above": "In this model nearest codes belong to inputs that are less alike than others.",
        "open": "In this model nearest codes belong to inputs that are no more alike than others.",
    }[side(mean, error, 1.0)]
    return [table(("neighbours by", "unlikeness"), *rows), told]


def _principal(flat: np.ndarray, material: Material) -> np.ndarray:
    """The first principal components of x, as many as there are latents."""
    centred = flat.astype("float64") - flat.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ directions[: material.latents].T)


def _decoded(material: Material) -> tuple[np.ndarray, np.ndarray]:
    """Distortion of the training examples when a new decoder is trained on the ranges that this
    model gives them, and on the same ranges dealt out at random."""
    companions, vae = material.companions, material.vae
    z_mean, z_log_var = _training_codes(vae, material)
    order = np.random.default_rng(material.seed).permutation(len(z_mean))
    own = companions.with_fixed_codes(z_mean, z_log_var)
    dealt = companions.with_fixed_codes(z_mean[order], z_log_var[order])
    return own, dealt


def _training_codes(vae: VAE, material: Material) -> tuple[np.ndarray, np.ndarray]:
    seen = material.companions.train.seen_in_training().given
    return vae.encode(take(seen, slice(None)))


def _draw(material: Material, codes: dict[str, np.ndarray]) -> Figure:
    panels = {name: each for name, each in codes.items() if name != "x itself"}
    if material.labels is not None:
        panels = {
            f"{name}: {neighbour_purity(each, material.labels).mean():.0%}": each
            for name, each in panels.items()
        }
    return plots.code_panels(
        panels,
        "Codes of the same examples, and how many neighbours share a class"
        if material.labels is not None
        else "Codes of the same examples",
        material.labels,
        material.dataset.class_names,
        ""
        if material.labels is None
        else "No loss has seen a class: colours were added afterwards.",
        prior_draws(material.vae),
    )
