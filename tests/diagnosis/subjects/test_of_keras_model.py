import keras
import numpy as np
import pytest
from diagnosis.peers.mean_kl_vae import MeanKLVAE
from diagnosis.peers.mean_squared_error_vae import MeanSquaredErrorVAE
from keras import layers, ops

from keras_vae.diagnosis import Bernoulli, Gaussian, of_keras_model
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.subjects.likelihoods import NAMES
from keras_vae.errors import ConfigError

ENTRIES, LATENTS = 6, 2


@pytest.fixture
def x():
    return np.random.default_rng(0).random((400, ENTRIES)).astype("float32")


class Plain(keras.Model):
    """Whatever parts a test gives it."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


class Noise(layers.Layer):
    """z = z_mean + std * epsilon, twice as wide as it should be if asked."""

    def __init__(self, width=1.0):
        super().__init__()
        self.width = width
        self.generator = keras.random.SeedGenerator(0)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.generator)
        return z_mean + self.width * ops.exp(z_log_var / 2) * epsilon


def encoder(outputs, dropout=0.0, width=1.0):
    """A functional encoder with the outputs named, in this order, and z_log_var = 0.5 x + 1."""
    keras.utils.set_random_seed(1)
    x = keras.Input((ENTRIES,))
    h = layers.Dropout(dropout)(x)
    parts = {
        "z_mean": layers.Dense(LATENTS, name="z_mean")(h),
        "z_log_var": layers.Dense(LATENTS, name="z_log_var", bias_initializer="ones")(h),
    }
    parts["z"] = Noise(width)([parts["z_mean"], parts["z_log_var"]])
    if isinstance(outputs, dict):
        return keras.Model(x, {key: parts[name] for key, name in outputs.items()})
    return keras.Model(x, [parts[name] for name in outputs])


def decoder(activation=None, scale=1.0, entries=ENTRIES):
    z = keras.Input((LATENTS,))
    kernel = keras.initializers.RandomNormal(stddev=scale, seed=0)
    return keras.Model(z, layers.Dense(entries, activation, kernel_initializer=kernel)(z))


PAIR = ["z_mean", "z_log_var"]


def affine(model, name, x):
    """What the encoder's layer of that name must put out."""
    kernel, bias = model.encoder.get_layer(name).get_weights()
    return np.float64(x) @ kernel + bias


@pytest.mark.parametrize(
    "outputs",
    [
        PAIR,
        [*PAIR, "z"],
        ["z", *PAIR],
        ["z_log_var", "z", "z_mean"],
        {"mu": "z_mean", "codes": "z", "logvar": "z_log_var"},
        {"a_log_var": "z_log_var", "z_mean": "z_mean"},
    ],
    ids=str,
)
def test_the_encoders_outputs_are_told_apart_by_their_names(x, outputs):
    model = Plain(encoder=encoder(outputs), decoder=decoder())
    subject = of_keras_model(model, x, likelihood="gaussian")
    z_mean, z_log_var = subject.encode(x)
    np.testing.assert_allclose(z_mean, affine(model, "z_mean", x), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(z_log_var, affine(model, "z_log_var", x), rtol=1e-4, atol=1e-5)
    assert (subject.training_draw is None) == (len(outputs) == 2)


def test_outputs_without_names_come_in_the_usual_order(x):
    whole = encoder([*PAIR, "z"])

    class Nameless(layers.Layer):
        def call(self, x):
            return tuple(whole(x))

    model = Plain(encoder=Nameless(), decoder=decoder())
    z_mean, z_log_var = of_keras_model(model, x, likelihood="gaussian").encode(x)
    np.testing.assert_array_equal(z_mean, whole(x)[0])
    np.testing.assert_array_equal(z_log_var, whole(x)[1])


def test_encoder_and_decoder_may_be_layers_of_one_functional_model(x):
    parts = encoder([*PAIR, "z"]), decoder()
    for part, name in zip(parts, ("encoder", "decoder"), strict=True):
        part.name = name
    inputs = keras.Input((ENTRIES,))
    model = keras.Model(inputs, parts[1](parts[0](inputs)[2]))
    subject = of_keras_model(model, x, likelihood="gaussian")
    np.testing.assert_array_equal(subject.encode(x)[0], parts[0](x)[0])
    z = np.ones((3, LATENTS), "float32")
    np.testing.assert_array_equal(subject.decode(z), parts[1](z))


def test_where_the_encoder_puts_out_one_tensor_the_method_encode_splits_it(x):
    class Split(Plain):
        def encode(self, x):
            return ops.split(self.encoder(x), 2, axis=1)

        def reparameterize(self, mean, log_var):
            return mean + ops.exp(log_var / 2) * keras.random.normal(ops.shape(mean))

    joined = keras.Sequential([keras.Input((ENTRIES,)), layers.Dense(2 * LATENTS)])
    subject = of_keras_model(
        Split(encoder=joined, decoder=decoder()), np.float64(x), likelihood="gaussian"
    )
    np.testing.assert_array_equal(np.concatenate(subject.encode(x), axis=1), joined(x))
    assert subject.training_draw(x).shape == (400, LATENTS)


# ---- the noise -------------------------------------------------------------------------


class Reparameterizing(Plain):
    def reparameterize(self, mean, log_var):
        return self.noise([mean, log_var])


@pytest.mark.parametrize("width", [1.0, 2.0])
@pytest.mark.parametrize("place", ["third output", "sampling layer", "reparameterize method"])
def test_a_draw_has_the_noise_of_the_training_code(x, place, width):
    if place == "third output":
        model = Plain(encoder=encoder([*PAIR, "z"], width=width), decoder=decoder())
    elif place == "sampling layer":
        model = Plain(encoder=encoder(PAIR), decoder=decoder(), sampling=Noise(width))
    else:
        model = Reparameterizing(encoder=encoder(PAIR), decoder=decoder(), noise=Noise(width))
    noise = Measurements(of_keras_model(model, x, likelihood="gaussian")).noise
    assert abs(noise.std - width) < 4 * width * noise.std_standard_error
    assert abs(noise.call_correlation) < 4 * noise.correlation_standard_error


def test_dropout_is_not_taken_for_noise_of_z(x):
    model = Plain(encoder=encoder([*PAIR, "z"], dropout=0.5), decoder=decoder())
    subject = of_keras_model(model, x, likelihood="gaussian")
    assert (
        abs(Measurements(subject).noise.std - 1)
        < 4 * Measurements(subject).noise.std_standard_error
    )
    # while training mode has it
    training = [subject.training_mode[0](x)[0] for _ in range(2)]
    assert np.max(np.abs(training[0] - training[1])) > 0.1
    np.testing.assert_array_equal(subject.encode(x)[0], subject.encode(x)[0])


def test_the_decoder_has_its_training_mode_too(x):
    z = np.ones((3, LATENTS), "float32")
    layer = keras.Sequential([keras.Input((LATENTS,)), layers.Dropout(0.9), layers.Dense(ENTRIES)])
    model = Plain(encoder=encoder(PAIR), decoder=layer)
    subject = of_keras_model(model, x, likelihood="gaussian")
    np.testing.assert_array_equal(subject.decode(z), layer(z, training=False))
    draws = np.concatenate([subject.training_mode[1](z) for _ in range(10)])
    assert np.max(np.std(draws, axis=0)) > 0.1


# ---- the training code -----------------------------------------------------------------


def kl(z_mean, z_log_var):
    """Of each latent of each example, NumPy float64."""
    z_mean, z_log_var = np.float64(z_mean), np.float64(z_log_var)
    return 0.5 * (np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)


def trained_once(model, x, y=None):
    model.compile(keras.optimizers.Adam(0.1), loss=y and "mse", jit_compile=False)
    model.fit(x, x if y else None, epochs=1, batch_size=50, verbose=0)
    return model


@pytest.fixture
def logging_model(x):
    """Its train_step logs loss, reconstruction_loss and kl_loss, 3 times a mean over latents."""
    keras.utils.set_random_seed(0)
    return trained_once(MeanKLVAE(ENTRIES, 3.0, LATENTS, hidden=8), x)


def test_the_terms_are_those_of_one_batch_before_the_step(x, logging_model):
    loss_fn = of_keras_model(logging_model, x, likelihood="bernoulli_probabilities").loss_fn
    for batch in (x[:50], x[50:100]):  # not a running mean over both
        terms = loss_fn(batch)
        z_mean, z_log_var, _ = logging_model.encoder(batch)
        assert terms["rate"] == pytest.approx(3 * kl(z_mean, z_log_var).mean(), rel=1e-4)
        assert terms["loss"] == pytest.approx(terms["distortion"] + terms["rate"], rel=1e-5)
        # a cross-entropy of about log 2 an entry
        assert terms["distortion"] == pytest.approx(ENTRIES * np.log(2), rel=0.3)


def test_looking_at_the_terms_leaves_no_trace(x, logging_model):
    def state():
        owners = logging_model.weights, logging_model.optimizer.variables
        return [np.array(v) for v in (*owners[0], *owners[1], *logging_model.metrics_variables)]

    loss_fn = of_keras_model(logging_model, x, likelihood="bernoulli_probabilities").loss_fn
    before = state()
    assert before[-1] == 8  # the count of the last metric: batches of an epoch
    loss_fn(x[:50])
    for old, new in zip(before, state(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_first_step_of_an_optimizer_leaves_no_trace_either(x):
    model = MeanKLVAE(ENTRIES, 1.0, LATENTS, hidden=8)
    model.compile("adam", jit_compile=False)
    weights = model.get_weights()
    of_keras_model(model, x, likelihood="bernoulli_probabilities").loss_fn(x[:50])
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert not any(np.any(np.array(variable)) for variable in model.optimizer.variables[2:])


def test_a_kl_given_to_add_loss_is_told_from_the_rest(x):
    model = trained_once(MeanSquaredErrorVAE(ENTRIES, LATENTS, hidden=8), x, "mse")
    terms = of_keras_model(model, np.float64(x), likelihood="gaussian").loss_fn(x[:50])
    z_mean, z_log_var, _ = model.encoder(x[:50])
    assert terms["rate"] == pytest.approx(kl(z_mean, z_log_var).sum(1).mean(), rel=1e-4)
    logged = model.test_on_batch(x[:50], x[:50])  # with another draw of z
    assert terms["distortion"] + terms["rate"] == pytest.approx(terms["loss"], rel=1e-6)
    assert terms["loss"] == pytest.approx(logged, rel=0.2)


def test_a_penalty_on_weights_is_not_taken_for_a_kl(x):
    model = MeanSquaredErrorVAE(ENTRIES, LATENTS, hidden=8)
    model.decoder.image.kernel_regularizer = keras.regularizers.L2(0.1)
    model = trained_once(model, x, "mse")
    terms = of_keras_model(model, x, likelihood="gaussian").loss_fn(x[:50])
    assert set(terms) == {"loss"}


@pytest.mark.parametrize(
    ("logs", "terms"),
    [
        (
            {"total_loss": 3, "recon_loss": 1, "kl_divergence": 2},
            {"loss": 3, "distortion": 1, "rate": 2},
        ),
        ({"loss": 3, "KLD": 2, "learning_rate": 9, "kl_weight": 8}, {"loss": 3, "rate": 2}),
        ({"distortion": 1, "rate": 2, "iterations": 7}, {"distortion": 1, "rate": 2}),
    ],
)
def test_the_terms_are_found_by_what_they_are_called(x, logs, terms):
    class Logging(Plain):
        def train_step(self, data):
            return logs

    model = Logging(encoder=encoder(PAIR), decoder=decoder())
    model.compile("sgd")
    assert of_keras_model(model, x, likelihood="gaussian").loss_fn(x[:9]) == terms


def test_float64_data_reach_the_training_step_as_fit_hands_them_over(x):
    class Seeing(Plain):
        def train_step(self, data):
            self.seen = keras.backend.standardize_dtype(data.dtype)
            return {"loss": 1.0}

    model = Seeing(encoder=encoder(PAIR), decoder=decoder())
    model.compile("sgd")
    of_keras_model(model, x, likelihood="gaussian").loss_fn(np.float64(x[:9]))
    assert model.seen == "float32"


def test_a_model_without_an_optimizer_has_no_training_code_to_look_at(x):
    model = Plain(encoder=encoder(PAIR), decoder=decoder())
    assert of_keras_model(model, x, likelihood="gaussian").loss_fn is None


def test_a_training_step_that_fails_says_how_to_go_on(x):
    class Failing(Plain):
        def train_step(self, data):
            raise RuntimeError("labels are missing")

    model = Failing(encoder=encoder(PAIR), decoder=decoder())
    model.compile("sgd")
    subject = of_keras_model(model, x, likelihood="gaussian")
    with pytest.raises(ConfigError, match=r"labels are missing.*loss_fn=None"):
        subject.loss_fn(x[:9])
    assert of_keras_model(model, x, likelihood="gaussian", loss_fn=None).loss_fn is None


# ---- the likelihood --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "is_binary", "expected"),
    [
        ("sigmoid", True, Bernoulli(logits=False)),
        ("sigmoid", False, Bernoulli(logits=False)),
        (None, True, Bernoulli(logits=True)),
        (None, False, Gaussian()),
        ("tanh", False, Gaussian()),
    ],
)
def test_the_likelihood_is_guessed_from_ranges_and_said(x, activation, is_binary, expected):
    model = Plain(encoder=encoder(PAIR), decoder=decoder(activation, scale=2.0))
    name = next(name for name, likelihood in NAMES.items() if likelihood == expected)
    with pytest.warns(UserWarning, match=f"taken to be '{name}'.*likelihood="):
        subject = of_keras_model(model, np.round(x) if is_binary else x)
    assert subject.likelihood == expected


@pytest.mark.parametrize("is_mean", [False, True])
@pytest.mark.parametrize("kind", ["cross-entropy", "squared error"])
def test_gray_data_get_the_likelihood_of_the_logged_term(x, kind, is_mean):
    class Logging(Plain):
        def train_step(self, data):
            mean = self.decoder(self.encoder(data)[0])
            entries = (
                ops.binary_crossentropy(data, mean)
                if kind == "cross-entropy"
                else ops.square(data - mean)
            )
            each = ops.mean(entries, 1) if is_mean else ops.sum(entries, 1)
            return {"reconstruction_loss": ops.mean(each)}

    model = Logging(encoder=encoder(PAIR), decoder=decoder("sigmoid"))
    model.compile("sgd")
    with pytest.warns(UserWarning, match="likelihood=None"):
        likelihood = of_keras_model(model, x).likelihood
    assert likelihood == (Bernoulli(logits=False) if kind == "cross-entropy" else Gaussian())


def test_a_likelihood_that_is_given_is_taken_without_a_word(x):
    model = Plain(encoder=encoder(PAIR), decoder=decoder("sigmoid"))
    sigma = Gaussian(0.1)
    assert of_keras_model(model, x, likelihood=sigma).likelihood is sigma


# ---- what cannot be looked at ----------------------------------------------------------


def test_a_model_without_the_parts_says_where_they_were_looked_for(x):
    model = keras.Sequential([keras.Input((ENTRIES,)), layers.Dense(ENTRIES)])
    with pytest.raises(ConfigError, match=r"looked for.*model.encoder.*model.decoder") as caught:
        of_keras_model(model, x)
    message = str(caught.value)
    assert "--adapter my_module:adapter" in message
    assert "diagnose(encode=" in message
    assert "\n" not in message


def test_a_decoder_alone_is_missed_by_name(x):
    with pytest.raises(ConfigError, match="Plain has no decoder"):
        of_keras_model(Plain(encoder=encoder(PAIR)), x)


def test_an_encoder_with_one_output_is_refused(x):
    one = keras.Sequential([keras.Input((ENTRIES,)), layers.Dense(LATENTS)])
    with pytest.raises(ConfigError, match=r"1 tensor\(s\).*--adapter"):
        of_keras_model(Plain(encoder=one, decoder=decoder()), x)


@pytest.mark.parametrize("likelihood", [None, "gaussian"])
def test_a_decoder_of_another_shape_is_refused_before_anything_broadcasts(x, likelihood):
    model = Plain(encoder=encoder(PAIR), decoder=decoder(entries=1))
    with pytest.raises(ConfigError, match=r"\(1,\).*\(6,\)"):
        of_keras_model(model, x, likelihood=likelihood)


def test_other_attributes_replace_what_is_found(x):
    model = Plain(encoder=encoder([*PAIR, "z"]), decoder=decoder())
    subject = of_keras_model(
        model, x, x[:9], "gaussian", training_draw=None, history={"loss": [2.0, 1.0]}, beta=4.0
    )
    assert subject.training_draw is None
    assert subject.history == {"loss": [2.0, 1.0]}
    assert subject.beta == 4.0
    assert len(subject.test) == 9
