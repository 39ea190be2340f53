"""Defects of the data, and of how the decoder's outputs fit them."""

import keras
import numpy as np

import keras_vae as kv
from keras_vae.diagnosis import Gaussian, of_vae
from keras_vae.distributions import Likelihood
from keras_vae.networks import mlp_decoder
from zoo.cells import BINARY, gray
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.specimen import injector
from zoo.train import build, healthy, subject, trained

__all__ = []

IN_UNIT_INTERVAL = ("mnist_gray", "patches_gray", "terrain_gray", "head_gray")
EVALUATION = (
    "splits_differ", "overfitting", "encoder_overfitting", "prior_hole", "amortization_gap",
    "more_latents_would_pay", "approximation_gap", "lagging_encoder", "undertrained",
    "duplicates_across_splits", "splits_scaled_differently", "encoder_unsettled",
)  # fmt: skip


@injector(("gray_data_under_bernoulli",), EVALUATION, cells=BINARY)
def gray_levels(cell, seed, severity):
    """The gray levels themselves under a Bernoulli."""
    x = gray(cell.data)
    x = x[np.random.default_rng(seed).permutation(len(x))]
    is_test = np.arange(len(x)) % 4 == 0
    return subject(cell, seed, data=(x[~is_test], x[is_test]))


@injector(("data_out_of_range",), (*EVALUATION, *TOO_MUCH, *TOO_LITTLE, "gray_data_under_bernoulli",
          "nonfinite_loss", "output_misses_data"), cells=BINARY)  # fmt: skip
def minus_one_to_one(cell, seed, severity):
    """Binary data as -1 and 1 under a Bernoulli: the loss has no lower limit."""
    train, test = (2 * x - 1 for x in cell.examples(seed))
    vae = build(cell, train, seed)
    vae.likelihood.check = lambda x: None
    history = trained(vae, cell, train, seed, test, epochs=max(cell.epochs // 5, 2))
    return of_vae(vae, train, test, history=history)


@injector(("nonfinite_data",), cells=None)
def one_nan(cell, seed, severity):
    vae, train, test, history = healthy(cell, seed)
    train = train.copy()
    train[0].flat[0] = np.nan
    return of_vae(vae, train, test, history=history)


def _ending_in(activation, cell, train, seed):
    decoder = mlp_decoder(train.shape[1:], cell.latent, hidden=cell.hidden)
    z = keras.Input((cell.latent,))
    return keras.Model(z, keras.ops.tanh(decoder(z)) if activation == "tanh"
                       else keras.ops.sigmoid(decoder(z)))  # fmt: skip


@injector(("output_wider_than_data",), (*EVALUATION, *TOO_LITTLE, *TOO_MUCH),
          cells=IN_UNIT_INTERVAL)  # fmt: skip
def tanh_decoder(cell, seed, severity):
    train, _ = cell.examples(seed)
    return subject(cell, seed, decoder=_ending_in("tanh", cell, train, seed))


@injector(("output_misses_data",), (*EVALUATION, *TOO_LITTLE, *TOO_MUCH), (1.5, 2.0, 4.0),
          IN_UNIT_INTERVAL)  # fmt: skip
def sigmoid_decoder(cell, seed, severity):
    """A sigmoid on data in [1 - severity, 1]."""
    train, test = (severity * x + 1 - severity for x in cell.examples(seed))
    decoder = _ending_in("sigmoid", cell, train, seed)
    return subject(cell, seed, data=(train, test), decoder=decoder)


@injector(("duplicates_across_splits",), (), (0.02, 0.05, 0.2))
def test_examples_in_training(cell, seed, severity):
    train, test = cell.examples(seed)
    leaked = test[: int(severity * len(test))]
    return subject(cell, seed, data=(np.concatenate([train, leaked]), test))


@injector(("duplicates_across_splits",), (), (0.05, 0.2), ("toy", "mnist_gray"))
def test_examples_rounded_in_training(cell, seed, severity):
    train, test = cell.examples(seed)
    leaked = np.round(test[: int(severity * len(test))], 2)
    return subject(cell, seed, data=(np.concatenate([train, leaked]), test))


def _windows(seed, order=None, gap=0):
    """(train, test): windows of a noisy oscillation, 32 steps every 4; the last 60 are the test
    examples, of another order if it is given, and before them a gap."""
    rng = np.random.default_rng(seed)
    phase = np.cumsum(0.3 + 0.1 * rng.standard_normal(12_000))
    series = (np.sin(phase) + 0.3 * rng.standard_normal(len(phase))).astype("float32")
    x = np.lib.stride_tricks.sliding_window_view(series, 32)[::4]
    x = x if order is None else x[rng.permutation(len(x))]
    return x[: -60 - gap], x[-60:]


@injector(("duplicates_across_splits",), EVALUATION, (None, "at random"), ("toy",))
def windows_cut_before_the_split(cell, seed, severity):
    """Windows that share steps with others, split in time without a gap or at random."""
    return subject(cell, seed, data=_windows(seed, severity))


@injector(
    (), tuple(name for name in EVALUATION if name != "duplicates_across_splits"), cells=("toy",)
)
def windows_cut_after_the_split(cell, seed, severity):
    """The same windows, no step of which is in both splits."""
    return subject(cell, seed, data=_windows(seed, gap=8))


@injector(("splits_scaled_differently",), EVALUATION, ("half", "transposed", "inverted"),
          ("digits_binary", "mnist_binary", "mnist_gray", "mnist_conv"))  # fmt: skip
def prepared_differently(cell, seed, severity):
    vae, train, test, history = healthy(cell, seed)
    change = {
        "half": lambda x: x * 0.5,
        "transposed": lambda x: np.swapaxes(x, 1, 2),
        "inverted": lambda x: 1 - x,
    }[severity]
    return of_vae(vae, train, change(test), history=history)


@injector(("splits_binarized_differently",), EVALUATION, cells=BINARY)
def binarized_differently(cell, seed, severity):
    """Trained on drawn pixels, tested on pixels above a threshold."""
    vae, train, _, history = healthy(cell, seed)
    x = gray(cell.data)
    return of_vae(vae, train, (x[::4] > 0.5).astype("float32"), history=history)


@injector(("splits_binarized_differently",), (*EVALUATION, "gray_data_under_bernoulli"),
          cells=BINARY)  # fmt: skip
def tested_on_gray(cell, seed, severity):
    vae, train, _, history = healthy(cell, seed)
    return of_vae(vae, train, gray(cell.data)[::4], history=history)


@injector(("splits_differ",), EVALUATION, cells=("mnist_binary", "mnist_gray", "mnist_conv"))
def class_left_out(cell, seed, severity):
    """No ones in the training data (known by their labels, which are not used again)."""
    dataset = kv.load_data(cell.data)
    labels = np.concatenate([split.labels for split in dataset.splits.values()])
    x = gray(cell.data)
    if cell.likelihood == "bernoulli":
        x = (np.random.default_rng(seed).random(x.shape) < x).astype("float32")
    order = np.random.default_rng(seed).permutation(len(x))
    x, labels = x[order], labels[order]
    is_test = np.arange(len(x)) % 4 == 0
    return subject(cell, seed, data=(x[~is_test & (labels != 1)], x[is_test]))


class DecodedGaussian(Likelihood):
    """N(mean, variance) with both put out for each entry, and no floor under the variance."""

    def log_prob(self, x, parameters):
        mean, log_var = parameters[..., 0], parameters[..., 1]
        terms = (x - mean) ** 2 * keras.ops.exp(-log_var) + log_var + np.log(2 * np.pi)
        return -0.5 * keras.ops.sum(keras.ops.reshape(terms, (-1, np.prod(x.shape[1:]))), axis=1)

    def call(self, parameters):
        return parameters[..., 0]


@injector(("decoded_variance_at_floor", "lattice_data_under_density"),
          (*TOO_LITTLE, *TOO_MUCH, "loss_jumps", "splits_differ"),
          cells=("mnist_gray",))  # fmt: skip
def variance_of_each_pixel(cell, seed, severity):
    """On images whose borders never change."""
    train, test = cell.examples(seed)
    shape = train.shape[1:]
    inner = mlp_decoder((*shape, 2), cell.latent, hidden=cell.hidden)
    vae = build(cell, train, seed, decoder=mlp_decoder(shape, cell.latent, hidden=cell.hidden))
    vae.decoder, vae.likelihood = inner, DecodedGaussian()
    history = trained(vae, cell, train, seed, test)

    def decode(z):
        parameters = inner(z).numpy()
        return parameters[..., 0], parameters[..., 1]

    return of_vae(vae, train, test, history=history, decode=decode,
                  likelihood=Gaussian("decoded"), training_mode=None, generate=None,
                  probe=None, bound=None)  # fmt: skip
