import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf
from extensions import conditional

from keras_vae import VAE, ConfigError, DataError
from keras_vae.data import TrainingBatches, as_dataset
from keras_vae.distributions import LogNormal
from keras_vae.evaluation import evaluate
from keras_vae.networks import mlp_decoder, mlp_encoder

# No training is long; and what Keras says of a dataset that is shuffled by its maker, and of a
# generator that ends.
pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:`shuffle=True` was passed"),
    pytest.mark.filterwarnings("ignore:Your input ran out of data"),
]

WAYS_IN = {
    "array": lambda x: x,
    "lists": lambda x: x.tolist(),
    "frame": pd.DataFrame,
    "sparse": scipy.sparse.csr_matrix,
    "tensor": tf.constant,
    "big-endian": lambda x: x.astype(">f4"),
    "axis more": lambda x: x[:, None],
    "dataset": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(50),
    "generator": lambda x: (x[start : start + 50] for start in range(0, len(x), 50)),
}


@pytest.fixture(params=WAYS_IN)
def way_in(request):
    return WAYS_IN[request.param]


@pytest.fixture(scope="module")
def noiseless_vae():
    """A VAE whose figures have no noise: its decoder does not look at z. Tests may train it."""
    z = keras.Input((2,))
    decoder = keras.Model(z, keras.layers.Dense(6, kernel_initializer="zeros", use_bias=False)(z))
    decoder.trainable = False
    keras.utils.set_random_seed(0)
    vae = VAE(mlp_encoder((6,), 2, hidden=(4,)), decoder)
    vae.compile("adam", jit_compile=False)
    return vae


# What a NumPy array gives is held against closed forms in test_vae.py and test_trainer.py.
METHODS = {
    "evaluate": lambda vae, x: list(vae.evaluate(x, verbose=0, return_dict=True).values()),
    "predict": lambda vae, x: vae.predict(x, verbose=0),
    "encode": lambda vae, x: vae.encode(x, batch_size=50),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_way_in_gives_what_the_array_gives(noiseless_vae, binary_x, way_in, method):
    expected = method(noiseless_vae, binary_x)
    np.testing.assert_allclose(method(noiseless_vae, way_in(binary_x)), expected, rtol=1e-5)


def learnt_from(x):
    """The weights that an epoch leaves."""
    keras.utils.set_random_seed(0)
    vae = VAE(mlp_encoder((6,), 2, (4,)), mlp_decoder((6,), 2, (4,)), seed=0)
    vae.compile("adam", jit_compile=False)
    vae.fit(x, batch_size=50, shuffle=False, verbose=0)
    return np.concatenate([np.ravel(w) for w in vae.get_weights()])


@pytest.fixture(scope="module")
def learnt_from_array(binary_x):
    return learnt_from(binary_x)


def test_fit_learns_the_same_from_every_way_in(binary_x, way_in, learnt_from_array):
    np.testing.assert_allclose(learnt_from(way_in(binary_x)), learnt_from_array, atol=1e-6)


@pytest.mark.parametrize("name", ["fit", "evaluate", "predict", "encode"])
@pytest.mark.parametrize(("value", "said"), [(np.nan, "1 NaN value,"), (255, r"\[0, 255\]")])
def test_no_way_in_answers_for_values_without_meaning(
    noiseless_vae, binary_x, way_in, name, value, said
):
    x = binary_x.copy()
    x[170, 3] = value
    with pytest.raises(DataError, match=said):
        getattr(noiseless_vae, name)(way_in(x), **{} if name == "encode" else {"verbose": 0})


@pytest.mark.parametrize(
    "name", ["train_on_batch", "test_on_batch", "predict_on_batch", "__call__"]
)
def test_a_single_batch_goes_through_the_same_rule(noiseless_vae, binary_x, name):
    method = getattr(noiseless_vae, name)
    method(binary_x[:5, :, None])
    for wrong, said in ((255 * binary_x, "describes values"), (binary_x[:, :5], r"\(N, 6\)")):
        with pytest.raises(DataError, match=said):
            method(wrong)


def test_validation_data_go_through_the_same_rule(noiseless_vae, binary_x):
    for validation in (
        (binary_x, 1 - binary_x),
        255 * binary_x,
        tf.data.Dataset.from_tensor_slices(255 * binary_x).batch(50),
    ):
        with pytest.raises(DataError):
            noiseless_vae.fit(binary_x, validation_data=validation, verbose=0)


def test_a_second_array_is_refused_and_labels_are_not(noiseless_vae, binary_x):
    noisy = np.abs(binary_x - (np.arange(6) == 2))
    for method in (noiseless_vae.fit, noiseless_vae.evaluate):
        with pytest.raises(DataError, match="y has the shape of x"):
            method(noisy, binary_x, verbose=0)
        method(noisy, ["label"] * 200, verbose=0)


def test_class_weights_without_labels_are_refused(noiseless_vae, binary_x):
    for y in (None, ["text"] * 200):
        with pytest.raises(DataError, match="class_weight weighs examples by their labels"):
            noiseless_vae.fit(binary_x, y, class_weight={0: 1.0}, verbose=0)


def test_no_examples_are_one_line(noiseless_vae, binary_x):
    for method in (noiseless_vae.fit, noiseless_vae.evaluate, noiseless_vae.predict):
        with pytest.raises(DataError, match="x holds no examples"):
            method(binary_x[:0], verbose=0)


def test_batches_on_the_device_must_have_the_models_shape_and_values(noiseless_vae, binary_x):
    with pytest.raises(DataError, match=r"shape \(6, 1\), the model takes \(6,\)"):
        noiseless_vae.fit(TrainingBatches(binary_x[..., None], 50), verbose=0)
    with pytest.raises(DataError, match="describes values"):
        noiseless_vae.fit(TrainingBatches(3 * binary_x, 50), verbose=0)
    noiseless_vae.fit(TrainingBatches(binary_x, 50), verbose=0)


def test_a_model_without_shapes_is_built_for_the_first_batch_that_comes(binary_x):
    class Encoder(keras.Model):
        def __init__(self):
            super().__init__()
            self.heads = [keras.layers.Dense(2), keras.layers.Dense(2)]

        def call(self, x):
            return [head(x) for head in self.heads]

    for way_in in (WAYS_IN["dataset"], WAYS_IN["generator"], WAYS_IN["lists"]):
        vae = VAE(Encoder(), keras.Sequential([keras.layers.Dense(6)]))
        assert vae.encode(way_in(binary_x))[0].shape == (200, 2)
        assert vae.event_shape == (6,)
    with pytest.raises(DataError, match=r"x has shape \(200,\)"):
        VAE(Encoder(), keras.Sequential([keras.layers.Dense(6)])).encode(binary_x[:, 0])


@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_a_batch_size_that_is_none_is_refused(noiseless_vae, binary_x, size):
    for method in (noiseless_vae.encode, noiseless_vae.decode):
        with pytest.raises(ConfigError, match=f"batch_size={size}"):
            method(binary_x[:, :2] if method == noiseless_vae.decode else binary_x, batch_size=size)


def test_batches_have_conditions_if_and_only_if_the_model_takes_them(noiseless_vae, binary_x):
    x = np.random.default_rng(0).standard_normal((20, 4)).astype("float32")
    given, vae = conditional.given(x), conditional.make(x)
    for model in (noiseless_vae, vae):
        model.compile("adam", jit_compile=False)
    with pytest.raises(DataError, match=r"shape None, the model takes \(3,\)"):
        vae.fit(TrainingBatches(x, 10), verbose=0)
    of_plain = {"x": binary_x, "condition": np.zeros((len(binary_x), 2), "float32")}
    with pytest.raises(DataError, match=r"shape \(2,\), the model takes None"):
        noiseless_vae.fit(TrainingBatches(of_plain, 10), verbose=0)
    before = vae.evaluate(given, return_dict=True, verbose=0)["elbo"]
    vae.fit(TrainingBatches(given, 10), epochs=30, verbose=0)
    assert vae.evaluate(given, return_dict=True, verbose=0)["elbo"] > before + 0.1


def class_numbers():
    """A conditional VAE whose condition is the number of a class, for an embedding."""
    number = {"condition": keras.Input((), name="condition")}
    x, z = (
        {"x": keras.Input((4,), name="x"), **number},
        {"z": keras.Input((2,), name="z"), **number},
    )

    def joined(inputs):
        embedded = keras.layers.Embedding(2, 3)(inputs["condition"])
        return keras.layers.Concatenate()([*list(inputs.values())[:1], embedded])

    heads = [keras.layers.Dense(2)(joined(x)) for _ in range(2)]
    return VAE(keras.Model(x, heads), keras.Model(z, keras.layers.Dense(4)(joined(z))), "gaussian")


def test_class_numbers_pass_with_and_without_an_axis_of_their_own():
    vae = class_numbers()
    vae.compile("adam", jit_compile=False)
    x = np.random.default_rng(0).standard_normal((20, 4)).astype("float32")
    flat = {"x": x, "condition": np.arange(20) % 2}
    column = {"x": x, "condition": flat["condition"][:, None]}
    vae.fit(TrainingBatches(column, 10), verbose=0)
    vae.fit(TrainingBatches(flat, 10), verbose=0)
    np.testing.assert_array_equal(vae.predict(flat, verbose=0), vae.predict(column, verbose=0))
    assert evaluate(vae, flat).to_dict() == evaluate(vae, column).to_dict()
    means = vae.decode(np.zeros((2, 2)), condition=1)
    np.testing.assert_array_equal(means, vae.decode(np.zeros((2, 2)), condition=[1, 1]))


def test_networks_without_names_say_what_a_condition_needs(binary_x):
    class Network(keras.Model):
        def __init__(self, *sizes):
            super().__init__()
            self.heads = [keras.layers.Dense(size) for size in sizes]

        def call(self, given):
            found = [head(keras.ops.concatenate(list(given.values()), 1)) for head in self.heads]
            return found if len(found) > 1 else found[0]

    vae = VAE(Network(2, 2), Network(6))
    vae.compile("adam", jit_compile=False)
    given = {"x": binary_x, "condition": binary_x[:, :1]}
    for way_in in (vae.fit, vae.encode):
        with pytest.raises(DataError, match=r"the model takes none: .* functional") as error:
            way_in(given)
        assert "\n" not in str(error.value)


def test_a_data_set_as_validation_data_says_which_split_to_give(noiseless_vae, binary_x):
    data = as_dataset(binary_x)
    with pytest.raises(DataError, match=r'^x: .*data.given\("validation"\)'):
        noiseless_vae.fit(binary_x, validation_data=data, verbose=0)
    with pytest.raises(DataError, match=r"examples.given"):
        noiseless_vae.fit(data.train, verbose=0)


def test_what_is_missing_from_batches_may_lie_outside_of_the_support_and_nothing_else():
    rng = np.random.default_rng(0)
    x = np.exp(rng.normal(size=(40, 3))).astype("float32")
    mask = (rng.random(x.shape) < 0.7).astype("float32")
    likelihood = LogNormal()
    encoder = mlp_encoder((3,), 2, hidden=(4,), has_mask=True)
    decoder = mlp_decoder(likelihood.parameter_shapes((3,)), 2, hidden=(4,))
    vae = VAE(encoder, decoder, likelihood)
    vae.compile("adam", jit_compile=False)
    batches = TrainingBatches({"x": np.where(mask == 1, x, 0), "mask": mask}, 20)
    history = vae.fit(batches, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    x[3, 1], mask[3, 1] = 0, 1
    with pytest.raises(DataError, match="1 of 120 are not, the first 0 in row 3"):
        vae.fit(TrainingBatches({"x": x, "mask": mask}, 20), epochs=1, verbose=0)
