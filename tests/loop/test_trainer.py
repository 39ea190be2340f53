import keras
import numpy as np
import pytest
import tensorflow as tf
from made_models import constant_encoder

from keras_vae import VAE
from keras_vae.data import TrainingBatches
from keras_vae.networks import mlp_decoder, mlp_encoder

METRICS = ["loss", "elbo", "distortion", "rate", "beta"]


def test_the_reported_figures_are_means_over_examples_with_a_short_last_batch(small_vae, binary_x):
    vae = small_vae()
    figures = vae.evaluate(binary_x, batch_size=64, verbose=0, return_dict=True)
    assert set(figures) == set(METRICS)
    # The rate has no noise: it must be the mean over all 200, not over the batches of 64 and 8.
    z_mean, z_log_var = (value.astype("float64") for value in vae.encode(binary_x))
    rates = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    assert np.mean(rates) == pytest.approx(figures["rate"], rel=1e-6)


def test_loss_elbo_distortion_and_rate_obey_their_definitions(small_vae, binary_x):
    figures = small_vae(beta=3.0).evaluate(binary_x, verbose=0, return_dict=True)
    assert figures["beta"] == 3.0
    assert figures["loss"] == pytest.approx(figures["distortion"] + 3.0 * figures["rate"], rel=1e-6)
    assert figures["elbo"] == pytest.approx(-(figures["distortion"] + figures["rate"]), rel=1e-6)


@pytest.mark.parametrize("beta", [0.0, 0.1, 20.0])
def test_no_beta_changes_the_elbo_of_an_untrained_model(small_vae, binary_x, beta):
    expected = small_vae(beta=1.0).evaluate(binary_x, verbose=0, return_dict=True)["elbo"]
    assert small_vae(beta=beta).evaluate(binary_x, verbose=0, return_dict=True)["elbo"] == expected


def test_free_nats_put_a_floor_under_the_rate_of_each_example(binary_x):
    # KL(N(m, 1) || N(0, 1)) = m^2 / 2 = 0.5 and 2 nats
    for m, floored in ((1.0, 1.2), (2.0, 2.0)):
        vae = VAE(
            constant_encoder([m], [0.0]), mlp_decoder((6,), 1, hidden=(4,)), free_nats=1.2, beta=2.0
        )
        vae.compile()
        figures = vae.evaluate(binary_x, verbose=0, return_dict=True)
        assert figures["rate"] == pytest.approx(m**2 / 2, rel=1e-2)  # the soft bound moves l = 0
        assert figures["loss"] - figures["distortion"] == pytest.approx(2.0 * floored, rel=1e-2)
        assert figures["elbo"] == pytest.approx(-figures["distortion"] - figures["rate"], rel=1e-6)


def test_below_the_free_nats_the_loss_has_no_gradient_from_the_rate(small_vae, binary_x):
    free, none = small_vae(free_nats=1e3, beta=5.0), small_vae(beta=0.0)
    for vae in (free, none):
        vae.fit(binary_x, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(free.trainable_variables, none.trainable_variables, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("shape", "dtype"), [((200,), "float32"), ((200, 1), "int64")])
def test_sample_weights_weigh_the_means_and_the_objective(small_vae, binary_x, shape, dtype):
    weights = np.zeros(shape, dtype)
    weights[:50] = 2
    labelled = {"sample_weight": weights, "verbose": 0}
    weighted = small_vae().evaluate(binary_x, **labelled, return_dict=True)
    alone = small_vae().evaluate(binary_x[:50], verbose=0, return_dict=True)
    assert weighted["rate"] == pytest.approx(alone["rate"], rel=1e-5)
    # Without noise or labels a step on weighted data is a step on the examples with weight.
    fitted = []
    for x, options in ((binary_x, labelled), (binary_x[:50], {"verbose": 0})):
        vae = VAE(constant_encoder([1.0, -0.5], [-1e9, -1e9]), mlp_decoder((6,), 2, (8,)), seed=0)
        vae.decoder.set_weights([np.full(w.shape, 0.1) for w in vae.decoder.weights])
        vae.compile(keras.optimizers.SGD(0.1))
        vae.fit(x, batch_size=200, epochs=3, **options)
        fitted.append(np.concatenate([np.ravel(w) for w in vae.decoder.get_weights()]))
    np.testing.assert_allclose(fitted[0], fitted[1], rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("way", "jit_compile"), [("an array", True), ("a data set", False)])
def test_batches_without_weight_move_nothing(small_vae, binary_x, way, jit_compile):
    vae = small_vae()
    vae.compile(keras.optimizers.AdamW(0.01, weight_decay=0.1), jit_compile=jit_compile)
    vae.fit(binary_x, batch_size=100, verbose=0)  # momentum that would move them all the same
    before = vae.get_weights()
    weights = np.zeros(200, "float32")
    if way == "an array":
        vae.fit(binary_x, sample_weight=weights, batch_size=100, verbose=0)
    else:
        triples = tf.data.Dataset.from_tensor_slices((binary_x, weights, weights)).batch(100)
        vae.fit(triples, shuffle=False, verbose=0)
    for one, other in zip(before, vae.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert vae.optimizer.iterations == 2
    vae.fit(binary_x, sample_weight=weights + 1, batch_size=100, verbose=0)
    assert vae.optimizer.iterations == 4


def test_validation_data_have_weights_without_labels_too(small_vae, binary_x):
    weights = np.r_[np.ones(50), np.zeros(150)]
    vae = small_vae()
    vae.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    validation = (binary_x, None, weights)
    history = vae.fit(binary_x, validation_data=validation, verbose=0).history
    alone = vae.evaluate(binary_x[:50], verbose=0, return_dict=True)
    assert history["val_rate"] == [pytest.approx(alone["rate"], rel=1e-5)]


def penalised(binary_x, **options):
    """A VAE with each kind of penalty, and what they are for `binary_x` by NumPy."""
    encoder = mlp_encoder((6,), 2, hidden=(8,))
    z = keras.Input((2,))
    dense = keras.layers.Dense(
        6, kernel_regularizer=keras.regularizers.L2(0.3), bias_initializer="ones"
    )
    activity = keras.layers.ActivityRegularization(l1=0.25)
    decoder = keras.Model(z, activity(dense(0 * z)))  # puts out 1 for everything
    vae = VAE(encoder, decoder, seed=0, **options)
    vae.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    # c sum w^2 + c sum |outputs| / batch
    return vae, 0.3 * np.sum(np.float64(dense.kernel) ** 2) + 0.25 * 6


def test_the_loss_is_distortion_and_weighed_rate_and_penalty(binary_x):
    vae, penalty = penalised(binary_x, beta=3.0)
    history = vae.fit(binary_x, validation_data=(binary_x,), verbose=0, epochs=2).history
    names = [*METRICS, "penalty"]
    assert set(history) == {*names, *(f"val_{name}" for name in names)}
    for prefix in ("", "val_"):
        terms = {name: np.array(history[prefix + name]) for name in names}
        np.testing.assert_allclose(terms["penalty"], penalty, rtol=1e-6)
        loss = terms["distortion"] + 3.0 * terms["rate"] + penalty
        np.testing.assert_allclose(terms["loss"], loss, rtol=1e-6)
        bound = -(terms["distortion"] + terms["rate"])
        np.testing.assert_allclose(terms["elbo"], bound, rtol=1e-6)


def test_with_free_nats_and_weights_the_penalty_counts_once(binary_x):
    vae, penalty = penalised(binary_x, beta=3.0, free_nats=100.0)
    weights = np.linspace(0, 1, 200)
    figures = vae.evaluate(binary_x, sample_weight=weights, verbose=0, return_dict=True)
    loss = figures["distortion"] + 3.0 * 100.0 + penalty
    assert figures["loss"] == pytest.approx(loss, rel=1e-6)


def test_figures_as_a_list_begin_with_the_loss_and_are_named(small_vae, binary_x):
    vae, _ = penalised(binary_x)
    for model, names in ((small_vae(), METRICS), (vae, [*METRICS, "penalty"])):
        model.compile(keras.optimizers.SGD(0.0), jit_compile=False)
        figures = model.evaluate(binary_x, batch_size=200, verbose=0)
        assert model.metrics_names == names
        named = dict(zip(names, figures, strict=True))
        # All but distortion, elbo and loss are without noise; those obey their definitions.
        rest = named.get("penalty", 0.0)
        assert figures[0] == pytest.approx(named["distortion"] + named["rate"] + rest, rel=1e-6)
        assert named["elbo"] == pytest.approx(-(named["distortion"] + named["rate"]), rel=1e-6)
        again = model.evaluate(binary_x, batch_size=200, verbose=0, return_dict=True)
        assert set(again) == set(names)
        assert named["rate"] == pytest.approx(again["rate"], rel=1e-6)
        assert named["beta"] == 1.0
        assert len(model.test_on_batch(binary_x)) == len(names)


def test_penalties_of_the_layers_are_part_of_what_is_minimised(binary_x):
    def fitted(penalty):
        keras.utils.set_random_seed(0)
        encoder = mlp_encoder((6,), 2, hidden=(8,))
        decoder = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(6, kernel_regularizer=penalty)]
        )
        vae = VAE(encoder, decoder, seed=0)
        vae.compile(keras.optimizers.SGD(0.01))
        vae.fit(binary_x, epochs=5, verbose=0)
        return np.abs(decoder.layers[0].kernel).sum()

    assert fitted(keras.regularizers.L2(10.0)) < 0.5 * fitted(None)


def test_fit_reports_every_metric_for_training_and_validation(small_vae, binary_x):
    history = small_vae().fit(binary_x, validation_data=(binary_x,), epochs=1, verbose=0).history
    assert set(history) == {*METRICS, *(f"val_{name}" for name in METRICS)}


def test_beta_can_be_assigned_while_training(small_vae, binary_x):
    vae = small_vae()
    raise_beta = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(vae, "beta", float(epoch))
    )
    history = vae.fit(binary_x, epochs=3, verbose=0, callbacks=[raise_beta]).history
    assert history["beta"] == [0.0, 1.0, 2.0]


def test_two_fits_with_one_seed_give_the_same_weights_bit_for_bit(small_vae, binary_x):
    weights = []
    for seed in (0, 0, 1):
        vae = small_vae(seed)
        vae.fit(binary_x, epochs=3, batch_size=32, verbose=0)
        weights.append(np.concatenate([np.ravel(w) for w in vae.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


@pytest.mark.slow
def test_compiled_by_xla_and_with_several_steps_a_call_the_figures_are_the_same(binary_x):
    histories = []
    for options in (
        {"jit_compile": False},
        {"jit_compile": True},
        {"steps_per_execution": 5, "jit_compile": False},
    ):
        keras.utils.set_random_seed(0)
        vae = VAE(mlp_encoder((6,), 2, (16,)), mlp_decoder((6,), 2, (16,)), seed=0)
        vae.compile("adam", **options)
        history = vae.fit(binary_x, epochs=3, batch_size=20, shuffle=False, verbose=0).history
        histories.append([history[name] for name in METRICS])
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-3)
    np.testing.assert_allclose(histories[2], histories[0], rtol=1e-6)


def test_a_beta_that_is_assigned_is_checked_too(small_vae):
    with pytest.raises(ValueError, match="beta=-1: expected a finite number of at least 0"):
        small_vae().beta = -1


@pytest.mark.parametrize("option", [{"loss": "mse"}, {"metrics": ["mse"]}])
def test_compile_refuses_a_loss_and_metrics_of_its_own(small_vae, option):
    with pytest.raises(ValueError, match="out and choose VAE"):
        small_vae().compile("adam", **option)


def test_a_batch_trains_as_ever_after_batches_on_the_device(small_vae, binary_x):
    vae = small_vae()
    vae.fit(TrainingBatches(binary_x, 50), verbose=0)
    rate = vae.evaluate(binary_x, return_dict=True, verbose=0)["rate"]  # it has no noise
    before = vae.get_weights()
    assert vae.train_on_batch(binary_x, return_dict=True)["rate"] == pytest.approx(rate)
    assert int(vae.optimizer.iterations) == 4 + 1
    moved = [np.abs(new - old).max() for new, old in zip(vae.get_weights(), before, strict=True)]
    assert min(moved[:-2]) > 0
    assert max(moved) < 0.01  # Adam, with its learning rate of 0.001
