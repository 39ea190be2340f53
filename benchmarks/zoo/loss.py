"""Defects of the loss: weights, means in place of sums, wrong formulas."""

from dataclasses import replace

import tensorflow as tf

from keras_vae.diagnosis import of_vae
from keras_vae.training import KLWarmup
from zoo.cells import GAUSSIAN
from zoo.specimen import injector
from zoo.train import healthy, subject

__all__ = []

# What too large a weight of the rate, or too small, does to the rest.
TOO_MUCH = (
    "kl_overweighted", "collapsed", "spare_latents", "lagging_encoder", "undertrained",
    "amortization_gap", "more_latents_would_pay", "sigma_too_small", "decoder_ignores_z",
    "encoder_constant", "decoder_constant", "approximation_gap", "encoder_unsettled",
)  # fmt: skip
TOO_LITTLE = (
    "kl_underweighted", "prior_hole", "overfitting", "encoder_overfitting", "amortization_gap",
    "approximation_gap", "latent_blow_up", "undertrained", "lagging_encoder",
    "more_latents_would_pay", "loss_jumps", "encoder_unsettled",
)  # fmt: skip


def scaled_terms(vae, distortion_scale=1.0, rate_scale=1.0):
    """Multiplies the terms that the loss is made of."""
    terms = vae._terms  # what training calls

    def scaled(*args, **kwargs):
        found = terms(*args, **kwargs)
        log_likelihood = distortion_scale * found.log_likelihood
        return replace(found, log_likelihood=log_likelihood, rate=rate_scale * found.rate)

    vae._terms = scaled


@injector(("kl_overweighted", "collapsed"), TOO_MUCH, (2, 4, 16))
def beta_too_high(cell, seed, severity):
    """Declared as 1, and not logged."""
    return subject(cell, seed, beta=severity, loss_fn=None, history={})


@injector(("kl_underweighted",), TOO_LITTLE, (0.5, 0.1, 0.01))
def beta_too_low(cell, seed, severity):
    return subject(cell, seed, beta=severity, loss_fn=None, history={})


@injector(("distortion_averaged",), TOO_MUCH)
def distortion_mean(cell, seed, severity):
    """reduce_mean over the entries of x."""
    train, _ = cell.examples(seed)
    return subject(cell, seed, lambda vae: scaled_terms(vae, 1 / train[0].size))


@injector(("distortion_averaged", "kl_overweighted", "collapsed"), TOO_MUCH)
def distortion_mean_unseen(cell, seed, severity):
    """The same, where only model and data are known."""
    train, _ = cell.examples(seed)
    return subject(cell, seed, lambda vae: scaled_terms(vae, 1 / train[0].size), loss_fn=None,
                   history={})  # fmt: skip


@injector(("rate_averaged",), TOO_LITTLE)
def rate_mean(cell, seed, severity):
    """reduce_mean over the latents."""
    return subject(cell, seed, lambda vae: scaled_terms(vae, rate_scale=1 / cell.latent))


@injector(("warmup_unfinished",), (*TOO_LITTLE, "encoder_overfitting"), (1.5, 2, 3))
def warmup_too_long(cell, seed, severity):
    """beta would reach 1 after `severity` times the epochs of training."""
    length = severity * cell.epochs
    return subject(cell, seed, callbacks=[KLWarmup(1.0, length)])


def _wrong_rate(formula):
    def change(vae):
        terms = vae._terms  # what training calls

        def wrong(x, training, seed):
            z_mean, z_log_var = vae.posterior_parameters(x, training)
            rate = 0.5 * tf.reduce_sum(formula(z_mean, z_log_var), axis=1)
            return replace(terms(x, training, seed), rate=rate)

        vae._terms = wrong

    return change


WRONG_RATES = {
    "no -1": lambda m, v: tf.exp(v) + m**2 - v,
    "mean not squared": lambda m, v: tf.exp(v) + tf.abs(m) - 1 - v,
    "log std": lambda m, v: tf.exp(2 * v) + m**2 - 1 - 2 * v,
    "no mean": lambda m, v: tf.exp(v) - 1 - v,
}
AFTER_A_WRONG_RATE = (*TOO_MUCH, *TOO_LITTLE, "noise_scale_wrong")


@injector(("rate_formula_wrong",), AFTER_A_WRONG_RATE, tuple(WRONG_RATES))
def rate_formula(cell, seed, severity):
    return subject(cell, seed, _wrong_rate(WRONG_RATES[severity]))


@injector(("loss_drops_a_term",), (*TOO_LITTLE, "warmup_unfinished", "loss_jumps"))
def rate_left_out(cell, seed, severity):
    """The rate is logged and does not count."""
    return subject(cell, seed, beta=0.0)


@injector(("rate_formula_wrong",), ("loss_drops_a_term", "more_latents_would_pay"))
def rate_logged_negated(cell, seed, severity):
    vae, train, test, history = healthy(cell, seed)
    whole = of_vae(vae, train, test)

    def loss_fn(x):
        logged = whole.loss_fn(x)
        return {**logged, "rate": -logged["rate"]}

    return of_vae(vae, train, test, history=history, loss_fn=loss_fn)


@injector(("objectives_differ",), (), (0.0, 0.5, 4.0))
def other_objective_in_validation(cell, seed, severity):
    """val_loss weighs the rate by another number."""
    vae, train, test, history = healthy(cell, seed)
    terms = zip(history["val_distortion"], history["val_rate"], strict=True)
    val_loss = [distortion + severity * rate for distortion, rate in terms]
    return of_vae(vae, train, test, history={**history, "val_loss": val_loss})


def _fixed_sigma(sigma):
    def change(vae):
        vae.likelihood.x_log_var.assign(2 * tf.math.log(float(sigma)))
        vae.likelihood.trainable = False

    return change


@injector(("sigma_too_large",), TOO_MUCH, (2, 4, 12), GAUSSIAN)
def sigma_large(cell, seed, severity):
    """Fixed at `severity` times the sigma that a healthy model learns."""
    sigma = float(healthy(cell, seed)[0].likelihood.sigma)
    return subject(cell, seed, _fixed_sigma(severity * sigma))


@injector(("sigma_too_small",), TOO_LITTLE, (0.5, 0.25, 0.1), GAUSSIAN)
def sigma_small(cell, seed, severity):
    sigma = float(healthy(cell, seed)[0].likelihood.sigma)
    return subject(cell, seed, _fixed_sigma(severity * sigma))
