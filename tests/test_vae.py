import keras
import made_trainings
import numpy as np
import pytest
import tensorflow as tf
from made_models import constant_encoder

import keras_vae
from keras_vae import VAE, ConfigError, DataError
from keras_vae.distributions import Z_LOG_VAR_RANGE, Gaussian
from keras_vae.networks import mlp_decoder, mlp_encoder

# ---- what the model computes -----------------------------------------------------------


def pair(terms):
    """(distortion, rate), (2, batch)."""
    return terms.distortion, terms.rate


def test_the_elbo_is_below_the_log_evidence_that_quadrature_gives(small_vae, binary_x):
    vae = small_vae()
    made_trainings.train(vae, binary_x, epochs=20, batch_size=20)
    # log p(x) = log integral of p(x|z) p(z) dz on a grid: exact to 1e-4 for smooth decoders
    axis = np.linspace(-6, 6, 121)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    logits = np.asarray(vae.decoder(grid.astype("float32")), "float64")
    log_prior = -0.5 * np.sum(grid**2, 1) - np.log(2 * np.pi) + 2 * np.log(axis[1] - axis[0])
    log_joint = binary_x @ logits.T - np.logaddexp(0, logits).sum(1) + log_prior
    log_evidence = np.logaddexp.reduce(log_joint, axis=1)
    draws = -np.reshape(vae.terms(np.tile(binary_x, (200, 1)), seed=0).elbo, (200, 200))
    gap = log_evidence + np.mean(draws, axis=0)
    error = np.std(draws, axis=0, ddof=1) / np.sqrt(len(draws))
    assert (gap > -4 * error).all()
    assert 0 < gap.mean() < 1  # trained, so the bound is not loose


def test_extreme_encoder_outputs_give_finite_terms_within_the_range(binary_x):
    for extreme in (-1e30, -1e4, 1e4, 1e30):
        encoder = constant_encoder([0.0, 0.0], [extreme, extreme])
        vae = VAE(encoder, mlp_decoder((6,), 2, hidden=(4,)))
        _, z_log_var = vae.encode(binary_x)
        assert z_log_var.min() >= Z_LOG_VAR_RANGE[0] - 1e-5
        assert z_log_var.max() <= Z_LOG_VAR_RANGE[1] + 1e-5
        assert np.isfinite(pair(vae.terms(binary_x))).all()


# ---- as a Keras model ------------------------------------------------------------------


def test_training_raises_the_elbo_and_labels_are_never_looked_at(small_vae, binary_x):
    history = [
        vae.fit(binary_x, y, epochs=8, batch_size=20, verbose=0).history
        for vae, y in ((small_vae(), None), (small_vae(), np.arange(200)))
    ]
    assert history[0]["elbo"][-1] > history[0]["elbo"][0] + 0.3
    assert history[0] == history[1]


def test_predict_is_the_mean_of_the_likelihood_at_the_posterior_mean(small_vae, binary_x):
    vae = small_vae()
    logits = np.asarray(vae.decoder(vae.encode(binary_x)[0]), "float64")
    np.testing.assert_allclose(
        vae.predict(binary_x, verbose=0), 1 / (1 + np.exp(-logits)), atol=1e-6
    )


def test_encode_and_decode_do_not_depend_on_the_batch_size(small_vae, binary_x):
    vae = small_vae()
    whole, parts = vae.encode(binary_x, batch_size=500), vae.encode(binary_x, batch_size=7)
    np.testing.assert_allclose(whole, parts, atol=1e-5)
    np.testing.assert_allclose(vae.decode(whole[0]), vae.decode(whole[0], batch_size=7), atol=1e-5)


def test_generate_repeats_with_its_seed_and_decodes_the_prior(small_vae):
    vae = small_vae()
    first = vae.generate(500, seed=4)
    assert first.shape == (500, 6)
    np.testing.assert_array_equal(first, vae.generate(500, seed=4))
    assert not np.array_equal(first, vae.generate(500, seed=5))
    assert not np.array_equal(vae.generate(5), vae.generate(5))


def test_weights_of_another_model_do_not_bring_its_beta(small_vae, tmp_path):
    small_vae(beta=1.0).save_weights(tmp_path / "other.weights.h5")
    vae = small_vae(beta=4.0)
    vae.load_weights(tmp_path / "other.weights.h5")
    assert vae.beta == 4.0
    assert vae.count_params() == sum(np.size(w) for w in vae.trainable_weights)


def test_keras_can_export_a_model_that_was_never_called(small_vae, binary_x, tmp_path):
    vae = small_vae()
    vae.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(
        exported.serve(binary_x), vae.predict(binary_x, verbose=0), atol=1e-6
    )


def test_no_examples_give_no_latents_and_no_images(small_vae):
    vae = small_vae()
    assert [part.shape for part in vae.encode(np.zeros((0, 6)))] == [(0, 2), (0, 2)]
    assert vae.decode(np.zeros((0, 2))).shape == (0, 6)


def test_generate_of_a_model_without_shapes_says_what_to_do():
    vae = VAE(SubclassedEncoder(), keras.Sequential([keras.layers.Dense(6)]))
    with pytest.raises(ConfigError, match="not built: call it on a batch, or fit it, first"):
        vae.generate(3)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_a_saved_model_comes_back_with_its_outputs_settings_and_optimizer(
    small_vae, binary_x, tmp_path, likelihood
):
    vae = small_vae(likelihood=likelihood, beta=0.7, free_nats=0.2)
    vae.fit(binary_x, epochs=2, verbose=0)
    vae.beta = 0.3
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.encode(binary_x), vae.encode(binary_x))
    np.testing.assert_array_equal(
        loaded.predict(binary_x, verbose=0), vae.predict(binary_x, verbose=0)
    )
    assert (loaded.beta, loaded.free_nats) == (pytest.approx(0.3), 0.2)
    assert int(loaded.optimizer.iterations) == int(vae.optimizer.iterations) == 14


class SubclassedEncoder(keras.Model):
    """A user's own encoder that is no functional model and knows no input shape."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(8, activation="tanh")
        self.heads = [keras.layers.Dense(3), keras.layers.Dense(3)]

    def call(self, x):
        h = self.dense(keras.ops.reshape(x, (-1, 6)))
        return self.heads[0](h), self.heads[1](h)


def test_a_users_own_models_go_through_fit_save_load_evaluate_and_plot(binary_x, tmp_path):
    x = binary_x.reshape(-1, 2, 3)
    decoder = keras.Sequential([keras.layers.Dense(6), keras.layers.Reshape((2, 3))])
    vae = VAE(SubclassedEncoder(), decoder, likelihood="bernoulli", seed=0)
    vae.compile(optimizer=keras.optimizers.Adam(0.02))
    history = vae.fit(x, epochs=8, batch_size=20, verbose=0).history
    assert history["elbo"][-1] > history["elbo"][0]
    assert vae.latent_dim == 3
    vae.save(tmp_path / "mine.keras")
    loaded = keras.saving.load_model(
        tmp_path / "mine.keras", custom_objects={"SubclassedEncoder": SubclassedEncoder}
    )
    np.testing.assert_array_equal(loaded.encode(x), vae.encode(x))
    data = keras_vae.data.from_arrays(x)
    assert keras_vae.evaluate(loaded, data, "none").gain > 0
    pictures = keras_vae.draw(loaded, data, tmp_path / "plots", history=history)
    assert {path.stem for path in pictures} >= {"latent_map", "traversals", "history"}


def test_the_gaussian_likelihood_learns_the_noise_of_the_data():
    # x = (t, t, t) + noise of standard deviation 0.2: one latent explains all but the noise.
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 1)) * np.ones(3) + 0.2 * rng.normal(size=(2000, 3))
    keras.utils.set_random_seed(0)
    vae = VAE(mlp_encoder((3,), 1, (16,)), mlp_decoder((3,), 1, (16,)), Gaussian(), seed=0)
    # falling, as that of `kvae fit`: sigma moves five times as fast as other weights
    schedule = keras.optimizers.schedules.CosineDecay(0.02, 25 * 20, alpha=0.01)
    vae.compile(keras.optimizers.Adam(schedule))
    made_trainings.train(vae, x.astype("float32"), epochs=25, batch_size=100)
    assert float(vae.likelihood.sigma) == pytest.approx(0.2, rel=0.15)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_under_mixed_precision_the_terms_stay_float32_and_training_works(binary_x, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(0)
        vae = VAE(mlp_encoder((6,), 2, (16,)), mlp_decoder((6,), 2, (16,)), seed=0)
        vae.compile("adam")
    finally:
        keras.config.set_dtype_policy(before)
    assert vae.encoder.layers[2].compute_dtype == policy.removeprefix("mixed_")
    distortion, rate = pair(vae.terms(binary_x))
    assert (distortion.dtype, rate.dtype) == ("float32", "float32")
    z_mean, z_log_var = (value.astype("float64") for value in vae.encode(binary_x))
    closed_form = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    np.testing.assert_allclose(rate, closed_form, rtol=1e-4)  # far finer than float16 could be
    history = vae.fit(binary_x, epochs=8, batch_size=20, verbose=0).history
    assert history["elbo"][-1] > history["elbo"][0] + 0.3


def test_the_terms_of_plain_arrays_repeat_with_an_integer_seed(small_vae, binary_x):
    vae = small_vae()
    expected = pair(vae.terms(tf.constant(binary_x), seed=keras.random.SeedGenerator(1)))
    for x in (binary_x, binary_x.tolist(), binary_x[..., None], binary_x > 0):
        np.testing.assert_array_equal(pair(vae.terms(x, seed=1)), expected)
    assert not np.array_equal(vae.terms(binary_x, seed=2).distortion, expected[0])
    in_a_graph = tf.function(lambda x: pair(vae.terms(x, seed=1)))
    for _ in range(2):
        np.testing.assert_allclose(in_a_graph(binary_x), expected, rtol=1e-5)


def test_a_batch_as_large_as_its_images_are_high_is_not_broadcast():
    # (8, 8, 8, 1) and (8, 8, 8) broadcast to (8, 8, 8, 8): each pixel would count 8 times
    x = np.random.default_rng(0).integers(0, 2, (8, 8, 8)).astype("float32")
    vae = VAE(mlp_encoder((8, 8), 2, (4,)), mlp_decoder((8, 8), 2, (4,)), seed=0)
    expected = np.asarray(pair(vae.terms(x, seed=0)))
    for shaped in (x[..., None], tf.constant(x[..., None]), x[:, None]):
        np.testing.assert_array_equal(pair(vae.terms(shaped, seed=0)), expected)
    _, values = vae.minimized(tf.constant(x[..., None]), seed=keras.random.SeedGenerator(0))
    np.testing.assert_allclose(values["loss"], expected.sum(0), rtol=1e-6)
    with pytest.raises(DataError, match=r"shape \(8, 8, 8, 1\), and p\(x\|z\) is over \(8, 8\)"):
        vae.likelihood.log_prob(x[..., None], x)


def test_uint8_examples_are_taken_as_numbers(small_vae, binary_x):
    vae = small_vae()
    np.testing.assert_array_equal(
        vae.predict(binary_x.astype("uint8"), verbose=0), vae.predict(binary_x, verbose=0)
    )


# ---- mistakes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": "1"}, "beta='1': expected a finite number"),
        ({"beta": -1.0}, "beta=-1.0: expected a finite number of at least 0"),
        ({"free_nats": float("nan")}, "free_nats=nan"),
        ({"likelihood": "cauchy"}, "unknown likelihood 'cauchy': expected one of bernoulli"),
        (
            {"prior": "laplace"},
            "unknown prior 'laplace': expected one of standard, mixture, vamp, flow",
        ),
        ({"likelihood": Gaussian}, "likelihood=.*: expected one of bernoulli, .* or an instance"),
        (
            {"prior": None},
            "prior=None: expected one of standard, mixture, vamp, flow, or an instance",
        ),
        ({"seed": "one"}, "seed='one': expected an integer or None"),
    ],
)
def test_a_wrong_option_is_refused_with_what_was_expected(options, message):
    with pytest.raises(ConfigError, match=message):
        VAE(mlp_encoder((6,), 2), mlp_decoder((6,), 2), **options)


def test_encoder_and_decoder_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="outputs 2 latents, but the decoder takes"):
        VAE(mlp_encoder((6,), 2), mlp_decoder((6,), 3))
    with pytest.raises(ConfigError, match=r"decoder outputs examples of shape \(5,\)"):
        VAE(mlp_encoder((6,), 2), mlp_decoder((5,), 2))


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli"])
@pytest.mark.parametrize("scaled", [lambda x: 255 * x, lambda x: 2 * x - 1], ids=["255", "-1 to 1"])
def test_arrays_that_the_likelihood_cannot_describe_are_refused(
    small_vae, binary_x, likelihood, scaled
):
    with pytest.raises(DataError, match=r"describes values in \[0, 1\], got values in"):
        small_vae(likelihood=likelihood).fit(scaled(binary_x), verbose=0)
    small_vae(likelihood="gaussian").fit(scaled(binary_x), verbose=0)


@pytest.mark.parametrize(
    ("z", "said"),
    [
        (np.zeros((3, 3)), r"z has shape \(3, 3\), the model takes \(N, 2\)"),
        ([0.0, 0.0], r"give z\[None\]"),
        ([[0.0, np.nan]], "z holds NaN or infinite values"),
        ("z.csv", "z: expected an array of numbers"),
    ],
)
def test_latents_that_are_none_are_refused(small_vae, z, said):
    with pytest.raises(DataError, match=said):
        small_vae().decode(z)


def test_counts_and_seeds_that_are_none_are_refused(small_vae, binary_x):
    for call in (
        lambda vae: vae.generate(-1),
        lambda vae: vae.generate(1.5),
        lambda vae: vae.generate(1, seed="one"),
        lambda vae: vae.terms(binary_x, seed="one"),
    ):
        with pytest.raises(ConfigError, match=r"=.*: expected"):
            call(small_vae())


# ---- registered classes ----------------------------------------------------------------


def registered():
    """Every class that keras_vae registers with Keras, by its registered name."""
    objects = keras.saving.get_custom_objects()
    return sorted(name for name in objects if name.startswith("keras_vae>"))


NEEDED = {
    "Autoregressive": {"units": 3, "seed": 4},
    "BetaTC": {"examples": 10},
    "Coupling": {"units": 3, "first": 1},
    "Elbo": {"free_nats": 0.5, "samples": 2},
    "FlowPrior": {"steps": 3, "units": 4},
    "GatedDense": {"units": 3},
    "InverseAutoregressiveFlow": {"steps": 3, "units": 4, "context": 2},
    "Iwae": {"samples": 3, "gradient": "dreg"},
    "MixturePrior": {"components": 3},
    "VampPrior": {"components": 3, "low": [0.0, 1.0], "high": 2.0},
}


def test_every_registered_class_is_known_and_has_a_round_trip():
    assert registered() == [
        "keras_vae>Autoregressive",
        "keras_vae>Bernoulli",
        "keras_vae>BetaTC",
        "keras_vae>Categorical",
        "keras_vae>ColumnFeatures",
        "keras_vae>Columns",
        "keras_vae>ContinuousBernoulli",
        "keras_vae>Coupling",
        "keras_vae>DiagonalGaussian",
        "keras_vae>DiagonalNormal",
        "keras_vae>DiscretizedLogistic",
        "keras_vae>Elbo",
        "keras_vae>FlowPrior",
        "keras_vae>FullNormal",
        "keras_vae>GatedDense",
        "keras_vae>Gaussian",
        "keras_vae>InverseAutoregressiveFlow",
        "keras_vae>Iwae",
        "keras_vae>LibraryShares",
        "keras_vae>LogCounts",
        "keras_vae>LogNormal",
        "keras_vae>MixturePrior",
        "keras_vae>NegativeBinomial",
        "keras_vae>Ordinal",
        "keras_vae>OutputBias",
        "keras_vae>Poisson",
        "keras_vae>Sampling",
        "keras_vae>StandardNormal",
        "keras_vae>VAE",
        "keras_vae>VampPrior",
        "keras_vae>ZeroInflatedNegativeBinomial",
    ]
    for name in registered():
        if name in ("keras_vae>VAE", "keras_vae>Columns", "keras_vae>ColumnFeatures"):
            continue  # that of the saved model above, and those of their own tests
        kind = keras.saving.get_registered_object(name)
        of_layer = {"name": "renamed"} if issubclass(kind, keras.Layer) else {}
        part = kind(**of_layer, **NEEDED.get(name.removeprefix("keras_vae>"), {}))
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(part))
        assert copy.get_config() == part.get_config()


def test_the_public_names_exist():
    assert all(hasattr(keras_vae, name) for name in keras_vae.__all__)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_noise_draws_examples_around_the_means_that_the_same_seed_gives(small_vae, likelihood):
    vae = small_vae(likelihood=likelihood)
    means, draws = vae.generate(3000, seed=1), vae.sample(3000, seed=1)
    assert draws.dtype == "float32"
    np.testing.assert_array_equal(draws, vae.sample(3000, seed=1))
    if likelihood == "bernoulli":
        assert set(np.unique(draws)) == {0, 1}
    difference = (draws - means).reshape(-1)
    error = difference.std() / np.sqrt(len(difference))
    assert abs(difference.mean()) < 4 * error
    # no two batches have the same noise
    assert not np.array_equal(difference[: 500 * 6], difference[500 * 6 : 1000 * 6])


def test_what_a_vae_was_trained_on_is_saved_with_it(small_vae, tmp_path):
    vae = small_vae()
    assert vae.protocol is None
    vae.protocol = {"data": "made", "binarize": "static"}
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    assert loaded.protocol == {"data": "made", "binarize": "static"}
    older = vae.get_config()
    del older["protocol"]
    assert keras_vae.VAE.from_config(older).protocol is None
