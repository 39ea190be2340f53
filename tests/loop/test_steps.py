import keras
import numpy as np
import pytest
import tensorflow as tf
from extensions import full_covariance

from keras_vae.data import TrainingBatches
from keras_vae.loop.steps import apply_if, xla_helps

STEPS = 10


@pytest.fixture
def batches(binary_x):
    return TrainingBatches(binary_x, 20)


def fit(vae, batches, steps_per_call, jit_compile=False, epochs=2, **options):
    vae.compile(
        keras.optimizers.Adam(0.01),
        steps_per_execution=steps_per_call,
        jit_compile=jit_compile,
        **options,
    )
    return vae.fit(batches, epochs=epochs, verbose=0).history


def same_weights(first, second, tolerance):
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)


def test_the_weights_do_not_depend_on_how_many_steps_are_one_call(small_vae, batches):
    one_by_one = small_vae()
    expected = fit(one_by_one, batches, 1)
    for steps_per_call in (3, STEPS, 64):
        together = small_vae()
        history = fit(together, batches, steps_per_call)
        same_weights(one_by_one, together, 1e-6)
        for name in expected:
            np.testing.assert_allclose(history[name], expected[name], rtol=1e-6)
        assert int(together.optimizer.iterations) == 2 * STEPS


def test_each_step_is_that_of_keras_on_the_same_batch(small_vae, batches):
    ours, keras_own = small_vae(), small_vae()
    fit(ours, batches, 4, epochs=1)
    keras_own.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    batches.begin(0)
    for _ in range(STEPS):
        _, (values,) = batches.take(1)
        keras_own.train_on_batch(tf.cast(batches.examples(values[0]), "float32"))
    same_weights(ours, keras_own, 1e-6)


def test_compiled_by_xla_the_steps_are_the_same(small_vae, batches):
    plain, compiled = small_vae(), small_vae()
    fit(plain, batches, 4)
    fit(compiled, batches, 4, jit_compile=True)
    same_weights(plain, compiled, 1e-4)


def test_eager_steps_can_be_stepped_through(small_vae, batches):
    eager, graph = small_vae(), small_vae()
    fit(eager, batches, 4, epochs=1, run_eagerly=True)
    fit(graph, batches, 4, epochs=1)
    same_weights(eager, graph, 1e-6)


def test_two_devices_take_the_steps_of_one(small_vae, batches, two_devices):
    one = small_vae()
    expected = fit(one, batches, 4)
    with two_devices.scope():
        two = small_vae()
        history = fit(two, batches, 4)
    same_weights(one, two, 1e-6)
    for name in expected:
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-6)


def test_two_devices_take_arrays_and_report_means_over_all_examples(
    small_vae, binary_x, two_devices
):
    with two_devices.scope():
        vae = small_vae()
        vae.compile(keras.optimizers.SGD(0.0), steps_per_execution=3)
        history = vae.fit(binary_x, batch_size=64, verbose=0, validation_data=binary_x[:51]).history
    z_mean, z_log_var = (value.astype("float64") for value in vae.encode(binary_x))
    rate = 0.5 * (z_mean**2 + np.exp(z_log_var) - 1 - z_log_var).sum(axis=1)
    assert history["rate"][0] == pytest.approx(rate.mean(), rel=1e-6)
    assert history["val_rate"][0] == pytest.approx(rate[:51].mean(), rel=1e-6)


def test_two_devices_weigh_examples_as_one_does(small_vae, binary_x, two_devices):
    # The second device has less weight than the first; then both have none.
    batch = np.r_[np.ones(20), np.linspace(0, 0.5, 20)]
    weights = np.r_[batch, batch, np.zeros(120)].astype("float32")
    data = tf.data.Dataset.from_tensor_slices((binary_x, np.zeros(200, int), weights)).batch(40)

    def fitted():
        vae = small_vae()
        # No noise, which devices draw differently
        vae.encoder.layers[-1].bias.assign([-1e9, -1e9])
        vae.compile(keras.optimizers.SGD(0.1, momentum=0.9), jit_compile=False)
        vae.fit(data, epochs=2, shuffle=False, verbose=0)
        return vae

    one = fitted()
    with two_devices.scope():
        two = fitted()
    assert [vae.optimizer.iterations.numpy() for vae in (one, two)] == [2 * 2, 2 * 2]
    same_weights(one, two, 1e-5)


@pytest.mark.parametrize("has_weight", [True, False])
def test_a_step_is_applied_whole_or_not_at_all_under_a_loss_scale(has_weight):
    variable = keras.Variable([1.0, 2.0])
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.5), initial_scale=4.0, dynamic_growth_steps=1
    )
    optimizer.build([variable])
    gradients = [tf.constant([4.0, 8.0])]  # scaled
    step = tf.function(lambda: apply_if(tf.constant(has_weight), optimizer, gradients, [variable]))
    step()
    applied = ([0.5, 1.0], 8.0, 1) if has_weight else ([1.0, 2.0], 4.0, 0)
    state = (variable.numpy().tolist(), optimizer.dynamic_scale, optimizer.iterations)
    assert state == applied


def test_an_epoch_of_arrays_follows_one_of_batches_and_the_other_way_round(
    small_vae, batches, binary_x
):
    vae = small_vae()
    for data in (batches, binary_x, batches):
        before = int(vae.optimizer.iterations)
        vae.fit(data, batch_size=None if data is batches else 50, verbose=0)
        assert int(vae.optimizer.iterations) - before == (10 if data is batches else 4)


def test_xla_is_for_dense_layers_on_a_cpu_and_for_one_replica(small_vae, two_devices):
    assert xla_helps(small_vae())
    image = keras.Input((8, 8, 1))
    assert not xla_helps(keras.Model(image, keras.layers.Conv2D(3, 3)(image)))
    nested = keras.Sequential([image, keras.Sequential([keras.layers.Conv2DTranspose(3, 3)])])
    assert not xla_helps(nested)
    with two_devices.scope():
        assert not xla_helps(small_vae())


def test_xla_is_not_for_a_part_that_says_it_cannot_be_compiled():
    own = full_covariance.make(np.zeros((1, 4), "float32"))
    assert not xla_helps(own)
    own.posterior_family.supports_jit = True
    assert xla_helps(own)


def test_batches_with_a_mask_of_ones_train_as_those_without(small_vae, batches, binary_x):
    plain, masked = small_vae(), small_vae()
    fit(plain, batches, 3)
    fit(masked, TrainingBatches({"x": binary_x, "mask": np.ones_like(binary_x)}, 20), 3)
    same_weights(plain, masked, 1e-6)


def test_what_is_missing_is_not_learned_from(small_vae, binary_x):
    """The last entry is 0 where it is missing, and 1 where it is not."""
    x, mask = binary_x.copy(), np.ones_like(binary_x)
    x[:, -1], mask[:, -1] = 1, np.arange(200) % 2
    vae = small_vae()
    fit(vae, TrainingBatches({"x": x, "mask": mask}, 20), 3, epochs=60)
    assert vae.predict(x * mask, verbose=0)[:, -1].min() > 0.9
