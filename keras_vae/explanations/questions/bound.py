"""What does maximising the ELBO do: does it raise log p(x), or close the gap?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.evidence.exact import MOST_LATENTS
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.decisions import change, side
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number
from keras_vae.measures import standard_error

__all__ = ["BETAS", "answer", "told_of_training"]

BETAS = ()  # its own, where its training was not tracked

NO_GAP = 0.01  # nats: what quadrature may err


@dataclass(frozen=True)
class _Track:
    """log p(x), ELBO and gap by epoch, and how they changed from the first look to the last."""

    columns: dict[str, list[float]]
    evidence: tuple[float, float]
    elbo: tuple[float, float]
    gap: tuple[float, float]
    source: str
    is_bound: bool


def told_of_training(
    evidence: tuple[float, float], gap: tuple[float, float], is_bound: bool = False
) -> str:
    """What moved while the ELBO was maximised, by changes with their standard errors, nats."""
    of = "the bound L_K in place of log p(x)" if is_bound else "log p(x)"
    rose = {
        "above": f"{of} rose by {number(*evidence)} nats",
        "below": f"{of} FELL by {number(-evidence[0], evidence[1])} nats",
        "open": f"whether {of} rose cannot be told ({number(*evidence)} nats)",
    }[side(*evidence)]
    moved = {
        "above": f"the gap did not close: it grew, by {number(*gap)} nats",
        "below": f"the gap closed by {number(-gap[0], gap[1])} nats",
        "open": f"whether the gap closed cannot be told (change {number(*gap)} nats)",
    }[side(*gap)]
    told = f"From the first look to the last {rose}, and {moved}."
    if side(*gap) == "above" and side(*evidence) == "above":
        told += (
            " That is no contradiction: log p(x) rose by more than the gap. A decoder that uses z "
            "more has a true posterior that is harder to match."
        )
    return told


def answer(material: Material) -> Answer:
    """log p(x) = ELBO + gap, by epoch."""
    track = _track(material)
    last = material.identity
    gap, gap_error = float(last.posterior_kl.mean()), standard_error(last.posterior_kl)
    epochs = track.columns["epoch"]
    exactly = " (log p(x) is known from below only, as L_K)" if track.is_bound else ""
    zero = gap < NO_GAP or side(gap, gap_error) != "above"
    paragraphs = [
        "log p(x) = ELBO + KL(q(z|x) || p(z|x)), and a KL is never negative. So the ELBO is a "
        "lower bound of log p(x), and the last term is the gap. If the ELBO rises, log p(x) rises "
        "or the gap closes. Which of the two is not given by the mathematics.",
        f"{track.source}, from epoch {epochs[0]:.0f} to {epochs[-1]:.0f}{exactly}, changes in "
        f"nats:",
        formula(
            ("ELBO", _signed(track.elbo[0])), "=", ("log p(x)", _signed(track.evidence[0])), "-",
            ("gap", _signed(track.gap[0])),
        ),
        told_of_training(track.evidence, track.gap, track.is_bound),
        f"The gap of this model is {number(gap, gap_error)} nats now"
        + (
            ": q(z|x) is the true posterior, as far as that can be told."
            if zero
            else ". It would be 0 if each q(z|x) were the true posterior p(z|x)."
        )
        + ("" if material.has_quadrature else " This is a lower bound of the gap."),
        None
        if material.bounds
        else f"This model was not trained to maximise the ELBO itself (beta = {material.beta:g}"
        f"{', free nats' if material.vae.free_nats else ''}), so its ELBO need not be as high as "
        f"it could be.",
    ]  # fmt: skip
    numbers: dict[str, Any] = {
        "columns": track.columns,
        "log_evidence_change": track.evidence[0],
        "log_evidence_change_standard_error": track.evidence[1],
        "elbo_change": track.elbo[0],
        "gap_change": track.gap[0],
        "gap_change_standard_error": track.gap[1],
        "gap": gap,
        "gap_standard_error": gap_error,
    }
    protocol = material.protocol
    if material.evidence is None:
        protocol = f"{protocol}; {material.companions.protocol}"
    return answered("bound", paragraphs, numbers, protocol, lambda: _draw(track))


def _signed(value: float) -> str:
    return f"{value:+.2f}"


def _track(material: Material) -> _Track:
    """By epoch: of this model's own training where it was tracked, else of a short one here."""
    if material.evidence is not None:
        columns = {name: list(values) for name, values in material.evidence["columns"].items()}
        last = material.identity
        error = standard_error(last.posterior_kl), standard_error(last.log_evidence)
        # of the same examples, of which only means were kept: at most that of unpaired ones
        return _Track(
            columns,
            (_rise(columns["log_evidence"]), 2**0.5 * error[1]),
            (_rise(columns["elbo"]), 2**0.5 * error[1]),
            (_rise(columns["posterior_kl"]), 2**0.5 * error[0]),
            "As this model was trained",
            material.latents > MOST_LATENTS,
        )  # fmt: skip
    looks = material.companions.of(material.beta, looks=True).looks
    names = "log_evidence", "elbo", "posterior_kl"
    columns = {name: [float(getattr(look, name).mean()) for _, look in looks] for name in names}
    (_, first), (_, final) = looks[0], looks[-1]
    return _Track(
        {"epoch": [float(epoch) for epoch, _ in looks], **columns},
        change(first.log_evidence, final.log_evidence),
        change(first.elbo, final.elbo),
        change(first.posterior_kl, final.posterior_kl),
        "In a short training of the same networks here (kvae fit --track-evidence keeps it of the "
        "model's own)",
        material.latents > MOST_LATENTS,
    )


def _rise(values: list[float]) -> float:
    return float(np.float64(values[-1]) - values[0])


def _draw(track: _Track) -> Figure:
    name = "log p(x), a lower bound L_K" if track.is_bound else "log p(x) by quadrature"
    return plots.evidence_by_epoch(track.columns, name)
