import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae import VAE
from keras_vae.monitoring import TrainingState
from keras_vae.networks import mlp_decoder, mlp_encoder

# None of these trainings is long.
pytestmark = pytest.mark.usefixtures("eager")

LossScale = keras.optimizers.LossScaleOptimizer


def fit(model, x, *args, state=None, epochs=1, batch_size=50, **options):
    """What Keras recorded of a training that `TrainingState` watched."""
    state = state or TrainingState(x)
    options = {"epochs": epochs, "batch_size": batch_size, "verbose": 0, **options}
    return model.fit(x, *args, callbacks=[state], **options).history


def compiled(vae, optimizer=None, **options):
    """`vae` with an optimizer, by default one that leaves the weights as they are."""
    optimizer = optimizer or keras.optimizers.SGD(0.0)
    vae.compile(optimizer, jit_compile=False, **options)  # XLA would take most of the time
    return vae


# ---- the norm of the gradient ----------------------------------------------------------


def test_a_missing_entry_adds_nothing_to_the_gradient(small_vae, binary_x):
    mask = np.ones_like(binary_x)
    norms = [
        fit(compiled(small_vae()), x, state=TrainingState(watched))["gradient_norm"]
        for x, watched in (
            (binary_x, binary_x),
            (binary_x, {"x": binary_x, "mask": mask}),
            (binary_x, {"x": binary_x, "mask": 0 * mask}),
        )
    ]
    assert norms[0] == pytest.approx(norms[1], rel=1e-5)
    # of x that says nothing only the rate has a gradient
    assert 0 < norms[2][0] < 0.5 * norms[0][0]


@pytest.mark.parametrize("free_nats", [0.0, 100.0])
@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_the_gradient_norm_is_that_of_the_closed_form(binary_x, free_nats, penalty):
    # Every x has q(z|x) = N(m, exp(-14) I), and the decoder's kernel is 0, its bias b:
    # loss = mean_x -log Bernoulli(x; sigmoid(b)) + beta max(|m|^2 / 2 + 13, free nats) + c |b|^2
    m, b, beta = np.array([1.0, -0.5]), np.linspace(-1, 2, 6), 0.7
    inputs = keras.Input((6,))
    heads = [keras.layers.Dense(2, kernel_initializer="zeros") for _ in range(2)]
    encoder = keras.Model(inputs, [head(inputs) for head in heads])
    for head, bias in zip(heads, (m, [-1e9, -1e9]), strict=True):
        head.kernel.trainable = False  # the biases alone say everything
        head.bias.assign(bias)
    layer = keras.layers.Dense(
        6, kernel_initializer="zeros", bias_regularizer=keras.regularizers.L2(penalty)
    )
    decoder = keras.Sequential([keras.Input((2,)), layer])
    layer.bias.assign(b)
    vae = VAE(encoder, decoder, beta=beta, free_nats=free_nats, seed=0)
    compiled(vae)
    norms = fit(vae, binary_x)["gradient_norm"]

    residual = 1 / (1 + np.exp(-b)) - binary_x.mean(axis=0)  # d distortion / d logits
    parts = [
        residual + 2 * penalty * b,  # d loss / d b
        np.outer(m, residual),  # d loss / d kernel, at z = m
        beta * m if free_nats == 0 else 0 * m,  # d loss / d m; the kernel of 0 passes nothing on
    ]
    expected = np.sqrt(sum(np.sum(part**2) for part in parts))
    assert norms == pytest.approx([expected], rel=2e-3)  # the posterior has a width


def test_one_and_the_same_weights_give_one_and_the_same_norm(small_vae, binary_x):
    vae = compiled(small_vae())
    norms = fit(vae, binary_x, epochs=3)["gradient_norm"]
    assert norms[0] == norms[1] == norms[2] > 0


def test_it_is_the_norm_at_the_weights_of_the_end_of_the_epoch(small_vae, binary_x):
    vae = compiled(small_vae(), keras.optimizers.SGD(0.1))
    state = TrainingState(binary_x)
    trained = fit(vae, binary_x, state=state, epochs=2)["gradient_norm"]
    compiled(vae)
    assert fit(vae, binary_x, state=state)["gradient_norm"] == [pytest.approx(trained[1], rel=1e-6)]
    assert trained[0] != pytest.approx(trained[1], rel=1e-3)


def test_beta_as_it_is_now_weighs_the_rate(small_vae, binary_x):
    norms = []
    for beta in (1.0, 9.0):
        vae = compiled(small_vae(beta=9.0))
        vae.beta = beta
        norms += fit(vae, binary_x)["gradient_norm"]
    assert norms[1] > 1.5 * norms[0]


def test_layers_that_act_in_training_alone_are_left_out(binary_x):
    def norm(rate):
        keras.utils.set_random_seed(0)
        dropout = keras.layers.Dropout(rate, seed=0)
        encoder = mlp_encoder((6,), 2, hidden=(16,))
        decoder = keras.Sequential([keras.Input((2,)), dropout, mlp_decoder((6,), 2, hidden=(16,))])
        vae = VAE(encoder, decoder, seed=0)
        compiled(vae)
        return fit(vae, binary_x)["gradient_norm"]

    assert norm(0.9) == norm(0.0)


def test_of_another_model_the_loss_is_given():
    # loss = mean((x w - y)^2), so d loss / d w = 2 x^T (x w - y) / N
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(40, 3)), rng.normal(size=(40, 1)), rng.normal(size=(3, 1))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    state = TrainingState(x, loss=lambda x: tf.reduce_mean((model(x) - y) ** 2))
    expected = np.linalg.norm(2 * x.T @ (x @ w - y) / 40)
    assert fit(model, x, y, state=state)["gradient_norm"] == pytest.approx([expected], rel=1e-5)


def test_rows_of_an_embedding_that_are_looked_up_twice_are_added_up_first():
    # loss = sum of the entries looked up, so d loss / d row = how often the row was looked up
    rows = np.array([0, 2, 2, 2])
    model = keras.Sequential([keras.Input((), dtype="int32"), keras.layers.Embedding(5, 2)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    state = TrainingState(rows, loss=lambda rows: tf.reduce_sum(model(rows)))
    history = fit(model, rows, np.zeros((4, 2)), state=state)
    assert history["gradient_norm"] == pytest.approx([np.sqrt(2 * 1**2 + 2 * 3**2)])


def test_weights_that_the_loss_does_not_use_count_as_0():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x = np.ones((4, 3), "float32")
    used = model.layers[0]
    state = TrainingState(x, loss=lambda x: tf.reduce_sum(used(x)))
    # d loss / d kernel = 4 everywhere (3 x 2), d loss / d bias = 4 (2)
    history = fit(model, x, np.zeros((4, 2)), state=state)
    assert history["gradient_norm"] == pytest.approx([4 * np.sqrt(8)])


def test_a_loss_of_no_weight_has_no_norm(small_vae, binary_x):
    state = TrainingState(binary_x, loss=lambda x: tf.reduce_sum(x))
    assert np.isnan(fit(compiled(small_vae()), binary_x, state=state)["gradient_norm"]).all()


# ---- the learning rate -----------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda optimizer: optimizer, LossScale])
def test_the_learning_rate_is_the_scheduled_one_of_the_next_step(small_vae, binary_x, wrap):
    vae = small_vae()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=4, decay_rate=0.5)
    compiled(vae, wrap(keras.optimizers.Adam(schedule)))
    history = fit(vae, binary_x, epochs=3)  # 4 steps an epoch
    assert history["learning_rate"] == pytest.approx([0.005, 0.0025, 0.00125])


@pytest.mark.parametrize("wrap", [lambda optimizer: optimizer, LossScale])
def test_several_optimizers_have_a_learning_rate_each(small_vae, binary_x, wrap):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=4, decay_rate=0.5)
    several = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.02, name="of_rest"))
    several[".*kernel"] = keras.optimizers.Adam(schedule, name="of_kernels")
    vae = compiled(small_vae(), wrap(keras.optimizers.MultiOptimizer(several)))
    history = fit(vae, binary_x, epochs=2)
    assert history["learning_rate_of_rest"] == pytest.approx([0.02, 0.02])
    assert history["learning_rate_of_kernels"] == pytest.approx([0.005, 0.0025])
    assert np.isfinite(history["gradient_norm"]).all()
    assert history.get("skipped_steps", [0, 0]) == [0, 0]


# ---- loss scaling ----------------------------------------------------------------------


def test_without_loss_scaling_nothing_is_said_of_it(small_vae, binary_x):
    history = fit(compiled(small_vae()), binary_x)
    assert not {"loss_scale", "skipped_steps"} & set(history)


@pytest.mark.parametrize(
    ("steps_per_execution", "accumulated"), [(1, None), (1, 2), (2, None), (3, 2)]
)
def test_a_step_that_overflows_halves_the_scale_and_is_counted(
    small_vae, binary_x, mixed_precision, steps_per_execution, accumulated
):
    vae = small_vae()
    sgd = keras.optimizers.SGD(1e-3, gradient_accumulation_steps=accumulated)
    optimizer = LossScale(sgd, initial_scale=2.0**26, dynamic_growth_steps=1000)
    compiled(vae, optimizer, steps_per_execution=steps_per_execution)
    state = TrainingState(binary_x)
    history = fit(
        vae, binary_x, state=state, epochs=6
    )  # 4 steps an epoch: calls of 3 and 1, or 2 and 2
    # Each step left out, and nothing else, halves the scale.
    halved = 26 - np.log2(history["loss_scale"])
    assert 4 < halved[-1] < 24
    assert history["skipped_steps"] == halved.tolist()
    # Of another fit, only its own are counted.
    assert fit(vae, binary_x, state=state)["skipped_steps"] == [0.0]


def test_the_gradient_is_that_of_the_loss_without_its_scale(small_vae, binary_x, mixed_precision):
    def norm(optimizer):
        return fit(compiled(small_vae(), optimizer), binary_x)["gradient_norm"][0]

    scaled = norm(LossScale(keras.optimizers.SGD(0.0), initial_scale=2.0**10))
    plain = norm(keras.optimizers.SGD(0.0, loss_scale_factor=1.0))
    assert scaled == pytest.approx(plain, rel=0.02)  # float16
    # A constant factor is a scale too.
    assert norm(keras.optimizers.SGD(0.0, loss_scale_factor=64.0)) == pytest.approx(plain, rel=0.02)


def test_the_norm_is_not_finite_where_the_next_step_would_be_left_out(
    small_vae, binary_x, mixed_precision
):
    vae = compiled(small_vae(), LossScale(keras.optimizers.SGD(0.0), initial_scale=2.0**40))
    assert not np.isfinite(fit(vae, binary_x)["gradient_norm"]).any()
