"""What more steps of training gain: trained only as long as the verdict is open."""

import numpy as np

from keras_vae.diagnosis.finding import Evidence
from keras_vae.diagnosis.measurements import PROBE_STEPS, Measurements
from keras_vae.diagnosis.rules.worth import mean_over_worth

__all__ = ["LEFT", "gained_by_steps", "lead_of_encoder", "may_lag"]

# Part of all that training has gained which more steps would gain if there were too few.
LEFT = 0.08


def gained_by_steps(m: Measurements, part: str, what: str) -> Evidence | None:
    """`Evidence` that more steps of a part gain too much; None where they do not.

    What steps gain grows, more and more slowly: half of them decide where they gain too much
    already, and where they gain less than a quarter of it, so that all gain less.

    Args:
        m: `Measurements`.
        part: as for `m.probe`.
        what: the name of the evidence, with `{}` in the place of the number of steps.
    """
    half, whole = (PROBE_STEPS // 2, LEFT / 4), (PROBE_STEPS, LEFT)
    # made already, all steps cost less than half of them, which would be made anew
    for steps, least in (whole,) if m.has_probed(part) else (half, whole):
        probed = m.probe(part, steps)
        if probed is None:
            return None
        name, gained = what.format(steps), probed.elbo - m.held_out.elbo
        if mean_over_worth(m, name, gained, least).is_beyond is False:
            return None
        evidence = mean_over_worth(m, name, gained, LEFT)
        if evidence.is_beyond:
            break
    return evidence


def may_lag(m: Measurements) -> bool:
    """Whether posteriors that are searched for each example are so much better than the encoder's
    that training it could gain as much as a finding needs. A search ends near the best: half of
    that must be there."""
    gain = m.encoder_could_gain
    if gain is None or not np.isfinite(gain).all():
        return True
    searched = mean_over_worth(m, "ELBO gained by searching q(z|x)", gain, LEFT / 2)
    return searched.is_beyond is not False


def lead_of_encoder(m: Measurements) -> float:
    """By how much more steps of the encoder alone gain than steps of the decoder alone do, over
    what the decoder adds where both are trained. A little of what is gained counts as added, so
    that it is not divided by nothing."""
    probed = [m.probe(part) for part in ("encoder", "decoder", "both")]
    encoder, decoder, both = (
        float(np.mean(terms.elbo - m.held_out.elbo)) for terms in probed if terms is not None
    )
    return (encoder - decoder) / max(both - encoder, 0.01 * abs(both), 1e-9)
