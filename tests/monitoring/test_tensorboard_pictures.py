import functools
import gc
import io
import sys

import keras
import matplotlib.figure
import matplotlib.pyplot
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_vae import VAE, ConfigError, plots
from keras_vae.monitoring import LatentRates, TensorBoardPictures
from keras_vae.networks import mlp_decoder, mlp_encoder

event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
NAMES = [f"class {k}" for k in range(3)]


def pictures(log_dir, subfolder="pictures"):
    """tag -> step -> pixels (H, W, 3), of all pictures in a log."""
    log = event_accumulator.EventAccumulator(str(log_dir / subfolder), {"tensors": 0}).Reload()
    found = {}
    for tag in log.Tags()["tensors"]:
        assert log.SummaryMetadata(tag).plugin_data.plugin_name == "images"
        found[tag] = {}
        for event in log.Tensors(tag):
            width, height, png = event.tensor_proto.string_val
            image = Image.open(io.BytesIO(png))
            assert (image.format, image.mode) == ("PNG", "RGB")
            assert image.size == (int(width), int(height))
            found[tag][event.step] = np.asarray(image)
    return found


def drawn(figure, folder):
    """What `plots.save` makes of a figure: pixels (H, W, 3)."""
    plots.save(figure, folder / "expected.png")
    return np.asarray(Image.open(folder / "expected.png").convert("RGB"))


@pytest.fixture
def images():
    return np.random.default_rng(0).random((24, 4, 5)).astype("float32")


@pytest.fixture(scope="module")
def fit():
    """Fits a small VAE, the same for all of its shape, and returns it."""

    @functools.cache
    def made(*shape):
        keras.utils.set_random_seed(0)
        vae = VAE(mlp_encoder(*shape, hidden=(8,)), mlp_decoder(*shape, hidden=(8,)), seed=0)
        vae.compile("adam", jit_compile=False)  # XLA would take most of the time
        return vae

    def fit(x, *callbacks, epochs=1, latents=2, **options):
        vae = made(x.shape[1:], latents)
        options = {"verbose": 0, "callbacks": list(callbacks), **options}
        vae.fit(x, epochs=epochs, **options)
        return vae

    return fit


# ---- what is drawn ---------------------------------------------------------------------


def test_the_pictures_are_those_of_the_plots_at_the_end_of_the_epoch(fit, images, tmp_path):
    labels = np.arange(24) % 3
    callback = TensorBoardPictures(tmp_path, images, labels, every=2, class_names=NAMES)
    vae = fit(images, callback, epochs=3)
    found = pictures(tmp_path)
    assert {tag: sorted(steps) for tag, steps in found.items()} == {
        "latent_map": [1, 2],  # epochs 2 and 3, from 0 as Keras counts
        "reconstructions": [1, 2],
    }
    z_mean, _ = vae.encode(images)
    expected = {
        "latent_map": plots.latent_map(z_mean, labels, NAMES),
        "reconstructions": plots.reconstructions(images[:20], vae.decode(z_mean[:20])),
    }
    for tag, figure in expected.items():
        np.testing.assert_array_equal(found[tag][2], drawn(figure, tmp_path))
        assert (found[tag][1] != found[tag][2]).any()


def test_each_example_is_decoded_with_its_own_condition_and_without_what_is_missing(
    images, tmp_path
):
    shapes = {"x": (4, 5), "z": (2,), "condition": (2,)}
    x, z, c = (keras.Input(shape, name=name) for name, shape in shapes.items())
    flat = keras.layers.Concatenate()([keras.layers.Flatten()(x), c])
    heads = [keras.layers.Dense(2)(flat) for _ in range(2)]
    encoder = keras.Model({"x": x, "condition": c}, heads)
    logits = keras.layers.Dense(20)(keras.layers.Concatenate()([z, 9 * c]))
    decoder = keras.Model({"z": z, "condition": c}, keras.layers.Reshape((4, 5))(logits))
    vae = VAE(encoder, decoder, seed=0)
    vae.compile("adam", jit_compile=False)
    condition = np.eye(2, dtype="float32")[np.arange(24) % 2]
    mask = (images > 0.2).astype("float32")
    x = {"x": np.where(mask, images, np.nan), "mask": mask, "condition": condition}
    vae.fit(x, verbose=0, callbacks=[TensorBoardPictures(tmp_path, x)])
    found = pictures(tmp_path)
    z_mean, _ = vae.encode(x)
    means = vae.decode(z_mean[:20], condition=condition[:20])
    expected = plots.reconstructions(x["x"][:20], means, mask=mask[:20])
    np.testing.assert_array_equal(found["reconstructions"][0], drawn(expected, tmp_path))
    expected = drawn(plots.latent_map(z_mean), tmp_path)
    np.testing.assert_array_equal(found["latent_map"][0], expected)


@pytest.mark.parametrize("latents", [1, 3])
def test_any_number_of_latents_has_a_map(fit, images, tmp_path, latents):
    vae = fit(images, TensorBoardPictures(tmp_path, images), latents=latents)
    expected = drawn(plots.latent_map(vae.encode(images)[0]), tmp_path)
    np.testing.assert_array_equal(pictures(tmp_path)["latent_map"][0], expected)


def test_examples_that_are_no_images_have_the_map_alone(fit, binary_x, tmp_path):
    fit(binary_x, TensorBoardPictures(tmp_path, binary_x))
    assert set(pictures(tmp_path)) == {"latent_map"}


def test_of_another_model_the_two_functions_are_given(images, tmp_path):
    model = keras.Sequential([keras.Input((4, 5)), keras.layers.Dense(5)])
    model.compile("sgd", "mse")
    z_mean = np.random.default_rng(1).normal(size=(24, 2))

    def decode(z):
        return np.broadcast_to(z[:, :1, None], (len(z), 4, 5))

    callback = TensorBoardPictures(tmp_path, images, encode=lambda x: (z_mean, None), decode=decode)
    model.fit(images, images, verbose=0, callbacks=[callback])
    found = pictures(tmp_path)
    map_, pairs = (
        plots.latent_map(z_mean),
        plots.reconstructions(images[:20], decode(z_mean[:20])),
    )
    np.testing.assert_array_equal(found["latent_map"][0], drawn(map_, tmp_path))
    np.testing.assert_array_equal(found["reconstructions"][0], drawn(pairs, tmp_path))


@pytest.mark.parametrize(
    ("z_mean", "mean", "drawn_tags"),
    [(np.nan, 0.0, set()), (0.0, np.inf, {"latent_map"})],
)
def test_what_has_diverged_is_left_out_and_training_goes_on(
    fit, images, tmp_path, z_mean, mean, drawn_tags
):
    callback = TensorBoardPictures(
        tmp_path,
        images,
        encode=lambda x: (np.full((24, 2), z_mean), None),
        decode=lambda z: np.full((len(z), 4, 5), mean),
    )
    fit(images, callback)
    assert set(pictures(tmp_path)) == drawn_tags


# ---- the log ---------------------------------------------------------------------------


def test_keras_own_callback_writes_the_figures_of_others_into_the_same_log(fit, images, tmp_path):
    history = fit(
        images,
        LatentRates(images),
        keras.callbacks.TensorBoard(tmp_path),
        TensorBoardPictures(tmp_path, images, every=1),
        epochs=2,
    ).history.history
    log = event_accumulator.EventAccumulator(str(tmp_path / "train"), {"tensors": 0}).Reload()
    for name in ("elbo", "rate_latent_0", "rate_latent_1", "active_units"):
        points = log.Tensors(f"epoch_{name}")
        assert [point.step for point in points] == [0, 1]
        values = [tf.make_ndarray(point.tensor_proto) for point in points]
        np.testing.assert_allclose(values, history[name], rtol=1e-6)
    assert [sorted(steps) for steps in pictures(tmp_path).values()] == [[0, 1], [0, 1]]


def test_keras_own_callback_keeps_no_picture_back(fit, binary_x, tmp_path):
    # With a number for update_freq, nothing is recorded by default but at every such step.
    keras_own = keras.callbacks.TensorBoard(tmp_path, update_freq=1000)
    fit(binary_x, keras_own, TensorBoardPictures(tmp_path, binary_x, every=1), epochs=2)
    assert sorted(pictures(tmp_path)["latent_map"]) == [0, 1]


def test_a_picture_can_be_seen_before_training_ends(fit, binary_x, tmp_path):
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(sorted(pictures(tmp_path)["latent_map"]))
    )
    fit(binary_x, TensorBoardPictures(tmp_path, binary_x, every=1), look, epochs=2)
    assert seen == [[0], [0, 1]]


def test_no_figure_stays_behind(fit, images, tmp_path):
    gc.collect()
    before = sum(isinstance(thing, matplotlib.figure.Figure) for thing in gc.get_objects())
    fit(images, TensorBoardPictures(tmp_path, images, every=1), epochs=2)
    gc.collect()
    after = sum(isinstance(thing, matplotlib.figure.Figure) for thing in gc.get_objects())
    assert after == before
    assert matplotlib.pyplot.get_fignums() == []


# ---- mistakes --------------------------------------------------------------------------


def test_a_missing_tensorboard_is_named_with_what_to_install(binary_x, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(ConfigError) as error:
        TensorBoardPictures(tmp_path, binary_x)
    assert str(error.value) == (
        "TensorBoardPictures needs a package: pip install 'keras_vae[tensorboard]'"
    )


def test_labels_that_do_not_fit_are_refused_before_training(binary_x, tmp_path):
    with pytest.raises(ValueError, match=r"labels do not fit z_mean: .* shape \(200,\)"):
        TensorBoardPictures(tmp_path, binary_x, np.zeros(7, int))
    with pytest.raises(ValueError, match="labels do not fit class_names"):
        TensorBoardPictures(tmp_path, binary_x, np.full(200, 3), class_names=NAMES)


def test_a_wrong_number_of_epochs_is_refused(binary_x, tmp_path):
    with pytest.raises(ConfigError, match="every=0"):
        TensorBoardPictures(tmp_path, binary_x, every=0)
    assert not list(tmp_path.iterdir())
