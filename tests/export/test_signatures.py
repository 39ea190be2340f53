"""The functions themselves; `test_served.py` and `test_export.py` ask them as a server does."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_vae
from keras_vae.evidence import exact_evidence
from keras_vae.evidence.posterior_expectation import elbo_by_quadrature
from keras_vae.export import signatures
from keras_vae.export.saved_model import write_saved_model
from keras_vae.networks import mlp_decoder, mlp_encoder


@functools.cache
def traced(function, *specs):
    return tf.function(function, input_signature=specs, autograph=False)


def call(functions, name, **inputs):
    function, specs = functions[name]
    assert [spec.name for spec in specs] == list(inputs)
    answers = traced(function, *specs)(**inputs)
    return {key: value.numpy() for key, value in answers.items()}


@pytest.fixture(scope="module")
def vae(small_vae, binary_x):
    """A trained model; read only."""
    vae = small_vae()
    vae.fit(binary_x, epochs=20, verbose=0)
    return vae


def test_models_of_images_can_also_be_asked_about_files(vae):
    names = {"serving_default", "reconstruct", "encode", "decode", "sample", "score"}
    assert set(signatures(vae, 1)) == names
    images = {"reconstruct_image", "encode_image", "score_image"}
    assert set(signatures(vae, 1, "none")) == names | images


def test_the_default_is_the_reconstruction_without_noise(vae, binary_x):
    functions = signatures(vae, 1)
    default = call(functions, "serving_default", x=binary_x)
    np.testing.assert_array_equal(
        default["reconstruction"], call(functions, "reconstruct", x=binary_x)["reconstruction"]
    )
    np.testing.assert_allclose(
        default["reconstruction"], vae.predict(binary_x, verbose=0), atol=1e-6
    )


def test_layers_that_behave_otherwise_in_training_do_not(binary_x):
    x = keras.Input((6,))
    h = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization()(x))
    encoder = keras.Model(x, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    z = keras.Input((2,))
    h = keras.layers.BatchNormalization()(keras.layers.Dense(6)(z))
    vae = keras_vae.VAE(encoder, keras.Model(z, keras.layers.Dropout(0.5)(h)))
    vae.compile("adam")
    vae.fit(binary_x, verbose=0)
    functions = signatures(vae, 3)
    z_mean, z_log_var = vae.encode(binary_x)
    encoded = call(functions, "encode", x=binary_x)
    np.testing.assert_allclose(encoded["z_mean"], z_mean, atol=1e-6)
    np.testing.assert_allclose(encoded["z_log_var"], z_log_var, atol=1e-6)
    np.testing.assert_allclose(
        call(functions, "decode", z=z_mean)["mean"], vae.decode(z_mean), atol=1e-6
    )
    np.testing.assert_allclose(
        call(functions, "reconstruct", x=binary_x)["reconstruction"],
        vae.predict(binary_x, verbose=0),
        atol=1e-6,
    )
    seed = np.arange(len(binary_x))
    first, second = (call(functions, "score", x=binary_x, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(first["elbo"], second["elbo"])


def test_samples_come_from_the_prior(vae):
    count = 4000
    sample = call(signatures(vae, 1), "sample", seed=np.arange(count))
    z = sample["z"]
    assert z.shape == (count, 2)
    # mean 0, variance 1, no correlation, within 4 standard errors
    assert (np.abs(z.mean(axis=0)) < 4 / np.sqrt(count)).all()
    assert (np.abs(z.var(axis=0) - 1) < 4 * np.sqrt(2 / count)).all()
    assert abs(np.mean(z[:, 0] * z[:, 1])) < 4 / np.sqrt(count)
    np.testing.assert_allclose(sample["mean"], vae.decode(z), atol=1e-6)


def test_a_sample_is_the_same_bit_for_bit_alone_and_in_a_batch():
    # Wide enough that a product of 64 rows is rounded otherwise than one of a single row.
    shape = (6,)
    vae = keras_vae.VAE(mlp_encoder(shape, 2, (8,)), mlp_decoder(shape, 2, (512,)))
    functions = signatures(vae, 1)
    seeds = np.arange(64)
    together = call(functions, "sample", seed=seeds)
    z = together["z"]
    assert (vae.decode(z) != np.concatenate([vae.decode(row[None]) for row in z])).any()
    for row, seed in enumerate(seeds):
        alone = call(functions, "sample", seed=np.array([seed]))
        for name in ("z", "mean"):
            np.testing.assert_array_equal(together[name][row], alone[name][0])


def test_the_scores_are_unbiased_estimates_of_the_elbo(vae, binary_x):
    x, count = binary_x[:1], 4000
    elbo = elbo_by_quadrature(vae, x)[0]
    score = call(signatures(vae, 3), "score", x=np.repeat(x, count, axis=0), seed=np.arange(count))
    error = score["elbo"].std() / np.sqrt(count)
    assert abs(score["elbo"].mean() - elbo) < 4 * error
    np.testing.assert_allclose(score["elbo"], -(score["distortion"] + score["rate"]), rtol=1e-6)
    z_mean, z_log_var = vae.encode(x)
    rate = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)
    np.testing.assert_allclose(score["rate"], rate, rtol=1e-5)


def test_with_one_draw_the_bound_is_an_estimate_of_the_elbo(vae, binary_x):
    x, count = binary_x[:1], 4000
    bound = call(signatures(vae, 1), "score", x=np.repeat(x, count, axis=0), seed=np.arange(count))[
        "importance_weighted_bound"
    ]
    error = bound.std() / np.sqrt(count)
    assert abs(bound.mean() - elbo_by_quadrature(vae, x)[0]) < 4 * error


def test_with_many_draws_the_bound_is_log_p_of_x(vae, binary_x):
    x = binary_x[:8]
    score = call(signatures(vae, 20_000), "score", x=x, seed=np.arange(8))
    exact = exact_evidence(vae, x).log_evidence
    np.testing.assert_allclose(score["importance_weighted_bound"], exact, atol=0.05)
    assert (exact - elbo_by_quadrature(vae, x) > 0.0).all()


def test_draws_of_one_row_differ_from_each_other_and_from_those_of_other_seeds(vae, binary_x):
    x = np.repeat(binary_x[:1], 3, axis=0)
    score = call(signatures(vae, 2), "score", x=x, seed=np.array([1, 2, 1]))
    assert score["elbo"][0] == score["elbo"][2] != score["elbo"][1]
    # equal draws would make L_2 of each row its L_1
    assert (score["importance_weighted_bound"] > score["elbo"] - 50).all()
    one = call(signatures(vae, 1), "score", x=x, seed=np.array([1, 2, 1]))
    assert (score["distortion"] != one["distortion"]).all()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Event shape -> the signatures of a VAE whose layers lose NaN, as a server has them."""

    def load(shape, likelihood="bernoulli"):
        vae = keras_vae.VAE(mlp_encoder(shape, 2, (4,)), mlp_decoder(shape, 2, (4,)), likelihood)
        folder = tmp_path_factory.mktemp("saved")
        write_saved_model(folder, signatures(vae, 3))
        return tf.saved_model.load(str(folder))

    return functools.cache(load)


@pytest.mark.parametrize(
    ("event_shape", "shape"),
    [
        *(((3, 2), shape) for shape in [(2, 3), (3, 2, 1), (1, 6), (6,), (3,)]),
        ((6,), (6, 1)),
        ((6,), ()),
        ((4, 4, 1), (4, 4)),
        ((4, 4), (4, 4, 1)),
    ],
)
def test_examples_of_another_shape_are_refused_also_where_their_entries_would_do(
    loaded, event_shape, shape
):
    model = loaded(event_shape).signatures
    seed = {"seed": tf.zeros([2], tf.int64)}
    for name, rest in (("reconstruct", {}), ("encode", {}), ("score", seed)):
        assert model[name](x=tf.zeros([2, *event_shape]), **rest)
        with pytest.raises(tf.errors.InvalidArgumentError, match="not compatible with"):
            model[name](x=tf.zeros([2, *shape]), **rest)
    with pytest.raises(tf.errors.InvalidArgumentError, match="not compatible with"):
        model["decode"](z=tf.zeros([2, 1, 2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="not compatible with"):
        model["sample"](seed=seed["seed"][:, None])


@pytest.mark.parametrize("seeds", [1, 2, 4])
def test_a_seed_too_many_or_too_few_is_refused(loaded, seeds):
    model = loaded((6,)).signatures
    with pytest.raises(tf.errors.InvalidArgumentError, match="x and seed must have the same"):
        model["score"](x=tf.zeros([3, 6]), seed=tf.zeros([seeds], tf.int64))


@pytest.mark.parametrize(
    ("likelihood", "wrong"),
    [("bernoulli", 255.0), ("continuous_bernoulli", -0.01), ("gaussian", np.inf)],
)
def test_an_impossible_row_has_the_lowest_score_and_no_code_and_its_neighbours_are_as_without_it(
    loaded, likelihood, wrong
):
    model = loaded((6,), likelihood).signatures
    seed = np.arange(4)
    right = (np.random.default_rng(0).random((4, 6)) < 0.5).astype("float32")
    x = right.copy()
    x[1, 2], x[3, 0] = wrong, np.nan
    for name, rest in (("reconstruct", {}), ("encode", {}), ("score", {"seed": seed})):
        answers, without = model[name](x=x, **rest), model[name](x=right, **rest)
        for key, rows in answers.items():
            np.testing.assert_array_equal(rows[::2], without[key][::2])
            assert np.isfinite(without[key]).all()
            assert np.isnan(rows[3]).all()
            expected = {
                "elbo": -np.inf, "importance_weighted_bound": -np.inf, "distortion": np.inf
            }.get(key, np.nan)  # fmt: skip
            np.testing.assert_array_equal(rows[1], np.full_like(rows[1], expected))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_latents_that_are_not_finite_decode_to_nothing(loaded, wrong):
    mean = loaded((6,)).signatures["decode"](z=np.float32([[0, 1], [0, wrong], [9, 9]]))["mean"]
    assert np.isnan(mean[1]).all()
    assert np.isfinite(mean[::2]).all()
