"""Did training converge?"""

import numpy as np

from keras_vae.diagnosis.advice import (
    longer_training,
    lower_learning_rate,
    raised_learning_rate,
    unless_in_use,
)
from keras_vae.diagnosis.finding import ERROR, INFO, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import CONSTANT, Measurements
from keras_vae.diagnosis.rules.probes import gained_by_steps, lead_of_encoder, may_lag
from keras_vae.diagnosis.rules.worth import mean_over_worth
from keras_vae.measures import (
    gain_per_doubling,
    jump_by_noise,
    jump_noise,
    largest_jump,
    standard_error,
)

__all__ = [
    "decoder_constant",
    "encoder_constant",
    "encoder_unsettled",
    "export_drift",
    "lagging_encoder",
    "latent_blow_up",
    "loss_jumps",
    "nonfinite_loss",
    "objective_is_importance_weighted",
    "training_mode_differs",
    "undertrained",
]


def nonfinite_loss(m: Measurements) -> Finding | None:
    first = {
        name: int(np.flatnonzero(~np.isfinite(values))[0]) + 1
        for name, values in m.subject.history.items()
        if len(values) and not np.isfinite(values).all()
    }
    outputs = m.train_terms.elbo
    bad = float(np.mean(~np.isfinite(outputs)))
    if not first and not bad:
        return None
    said = "NaN outputs"
    if first:
        where = min(first, key=lambda name: first[name])
        said = f"{where} became NaN or infinite in epoch {first[where]}"
    return finding(
        "nonfinite_loss",
        ERROR,
        Evidence("logged or computed values that are NaN or infinite", len(first) + bad, 0.0),
        f"Training diverged: {said}. A step was too large, a log variance overflowed in exp, or a "
        "log was taken of a probability of 0.",
        f"A smaller learning rate ({lower_learning_rate(m.subject.options)}), clipnorm=1 in the "
        f"optimizer, a bounded z_log_var, and logits where log p(x|z) takes them; then look for "
        f"outliers.",
        "Every logged value is finite.",
    )


def loss_jumps(m: Measurements) -> Finding | None:
    loss = m.subject.history.get("loss", ())  # what is minimised, whatever the ELBO does
    if len(loss) == 0 or not np.isfinite(loss).all():
        return None
    loss = np.asarray(loss, "float64")
    betas = m.subject.history.get("beta", [])
    rising = sum(beta != betas[-1] for beta in betas)  # a warm-up moves the loss itself
    jump, epoch = largest_jump(loss[rising:])
    jump -= jump_by_noise(loss[rising:])
    fallen = float(loss[0] - loss.min())
    if "elbo" in m.subject.history:  # in nats; what it fell from may be astronomical, or nothing
        fallen = min(fallen, m.loss_without_z - float(loss.min()))
        fallen = max(fallen, 1.0, 0.05 * abs(m.baseline))
    fallen = max(fallen, 1e-9)
    return finding(
        "loss_jumps",
        ERROR if jump > fallen else WARNING,
        Evidence(
            "largest rise of the loss, beyond what its noise makes, over its whole fall",
            jump / fallen,
            0.25,
            jump_noise(loss[rising:]) / fallen,
            settle="look at the curve: the noise of one epoch is as large",
        ),
        f"The loss jumped up in epoch {epoch + rising}: the steps are too large.",
        f"A smaller learning rate ({lower_learning_rate(m.subject.options)}), or clipnorm=1 in the "
        f"optimizer.",
        "The training loss falls, apart from noise.",
    )


def _losses(m: Measurements, loss: str, elbo: str) -> np.ndarray | None:
    """A logged curve to be minimised: of the ELBO by preference its own, which no beta moves."""
    history = m.subject.history
    if elbo in history and m.subject.objective == "elbo":
        values = -np.asarray(history[elbo], "float64")
    elif loss in history:
        values = np.asarray(history[loss], "float64")
    else:
        return None
    return values if np.isfinite(values).all() else None


def undertrained(m: Measurements) -> Finding | None:
    # a probe is trained for the ELBO
    if m.subject.probe is not None and m.subject.objective == "elbo":
        evidence = gained_by_steps(
            m, "both", "held-out ELBO gained by {} more steps at a fresh learning rate"
        )
        if evidence is None:
            return None
        return finding("undertrained", WARNING, evidence, *_undertrained(m))
    loss = _losses(m, "val_loss", "val_elbo")
    loss = _losses(m, "loss", "elbo") if loss is None else loss
    if loss is None or len(loss) < 3:
        return None
    gain, error = gain_per_doubling(-loss)
    fallen = max(loss[0] - loss.min(), 1e-9)
    return finding(
        "undertrained",
        WARNING,
        Evidence(
            "fall of the logged loss for each doubling of the epochs, over its whole fall",
            gain / fallen,
            0.2,
            error / fallen,
            settle="more epochs",
        ),
        *_undertrained(m),
    )


def _undertrained(m: Measurements) -> tuple[str, str, str]:
    """Cause, remedy, and what is healthy."""
    options = m.subject.options
    return (
        "Training ended, or its learning rate became too small, while the "
        f"{'ELBO' if m.subject.objective == 'elbo' else 'objective'} was still rising.",
        f"Train longer ({longer_training(options)}){raised_learning_rate(options)}.",
        "More steps gain almost nothing.",
    )


def lagging_encoder(m: Measurements) -> Finding | None:
    if m.subject.probe is None:
        return None
    m.check_elbo()
    if not may_lag(m):  # asked before anything is trained
        return None
    gain = gained_by_steps(m, "encoder", "held-out ELBO gained by {} steps of the encoder alone")
    if gain is None:  # asked before the other parts are trained
        return None
    return finding(
        "lagging_encoder",
        WARNING,
        (
            gain,
            Evidence(
                "(gain by training the encoder alone - gain by the decoder alone) / gain that the "
                "decoder adds",
                lead_of_encoder(m),
                0.1,
            ),
        ),
        "The encoder is behind the decoder: its q(z|x) is far from the best one for the current "
        "decoder, because the encoder learns more slowly, is frozen, or gets no gradient.",
        "Train the encoder with the decoder's learning rate; check encoder.trainable and that no "
        "stop_gradient is applied to z or its parameters; give the encoder extra steps.",
        "Training the encoder alone gains almost nothing.",
    )


def encoder_unsettled(m: Measurements) -> Finding | None:
    """Two conditions that hold where training ends, both for any weight of the rate."""
    if not m.is_unsettled:
        return None
    beta = m.implied_beta
    return finding(
        "encoder_unsettled",
        WARNING,
        Evidence(
            "nats gained by scaling the posteriors' means alone, which are optimal for a KL weight "
            f"of {beta.by_means:.3g}, their widths for one of {beta.beta:.3g}",
            beta.gain,
            m.left_to_settle,
            beta.gain_standard_error,
        ),
        "The posteriors are not optimal for any KL weight: the encoder has not converged, is "
        "frozen, or was changed after the decoder was trained.",
        f"Train longer ({longer_training(m.subject.options)}); check encoder.trainable, and that "
        f"both parts were saved together.",
        "Widths and means are optimal for the same KL weight.",
    )


def latent_blow_up(m: Measurements) -> Finding | None:
    furthest = float(np.max(np.abs(m.train_terms.z_mean)))
    options, full = m.subject.options, "; and the rate with its full weight (--beta 1)"
    return finding(
        "latent_blow_up",
        WARNING,
        Evidence("largest std of a latent over the data, over the prior's", m.largest_spread, 3.0),
        f"Codes lie far outside the prior (the furthest at {furthest:.3g}), where it practically "
        "never draws.",
        f"A smaller learning rate ({lower_learning_rate(options)}), clipnorm=1, a bounded "
        f"z_log_var{unless_in_use(options, 'beta', 1, full)}.",
        "Each latent has a std of about 1 over the data.",
    )


def training_mode_differs(m: Measurements) -> Finding | None:
    if m.training_mode_terms is None:
        return None
    loss = m.training_mode_terms.elbo - m.train_terms.elbo
    return finding(
        "training_mode_differs",
        ERROR,
        mean_over_worth(m, "ELBO lost between training mode and evaluation", loss, 0.05),
        "The model computes something else, and worse, outside training: the moving averages of "
        "its batch normalisation are not those of the data.",
        "BatchNormalization(momentum=0.9), or more steps, so that the averages settle; or "
        "GroupNormalization, which has none.",
        "In evaluation the model is at least as good as in training mode.",
    )


def encoder_constant(m: Measurements) -> Finding | None:
    if m.is_given_up:
        return None
    return finding(
        "encoder_constant",
        ERROR,
        Evidence(
            "largest difference in any output of the encoder, for the data and for noise",
            m.range_of_codes,
            CONSTANT,
            is_above=False,
        ),
        "The encoder gives every example exactly the same posterior: x does not reach its outputs "
        "(dead activations, a missing connection).",
        "Look at the encoder layer by layer for the first output that does not vary; a smaller "
        "learning rate, other initial values, leaky_relu in place of relu.",
        "z_mean varies from example to example.",
    )


def decoder_constant(m: Measurements) -> Finding | None:
    if m.subject.log_prob is not None or m.is_given_up:
        return None
    return finding(
        "decoder_constant",
        ERROR,
        Evidence(
            "largest difference between outputs of the decoder over z ~ N(0, 10^2)",
            m.range_of_outputs,
            CONSTANT,
            is_above=False,
        ),
        "The decoder's output is exactly the same for every z: z does not reach it (dead "
        "activations, a missing connection).",
        "Look at the decoder layer by layer for the first output that does not vary; a smaller "
        "learning rate, other initial values, leaky_relu in place of relu.",
        "The decoder's output varies with z.",
    )


def export_drift(m: Measurements) -> Finding | None:
    if m.served_drift is None:
        return None
    return finding(
        "export_drift",
        ERROR,
        Evidence(
            "largest difference between exported and trained model, over the largest output",
            m.served_drift,
            1e-3,
        ),
        "The exported model is not the trained one: it was written before the last weights were "
        "loaded, computes in half precision, or prepares its input differently.",
        "Export again (kvae export), then compare (kvae check-export).",
        "Both give the same numbers up to float32 rounding.",
    )


def objective_is_importance_weighted(m: Measurements) -> Finding | None:
    if m.subject.objective != "iwae":
        return None
    gap = m.bound_above_elbo
    return finding(
        "objective_is_importance_weighted",
        INFO,
        Evidence(
            "log p(x) (importance-weighted bound) - ELBO, nats",
            float(gap.mean()),
            1.0,
            standard_error(gap),
        ),
        "Trained on the importance-weighted bound, an encoder gives posteriors that are good "
        "proposals but poor approximations: its ELBO is expected to be low.",
        "Judge the model by L_K (kvae evaluate --k 1,10,100,1000); take codes from weighted draws.",
        "For an IWAE this is healthy.",
    )
