"""A conditional model whose encoder takes a mask, exported, and asked as a server asks it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_vae import VAE
from keras_vae.export import check_version, export_version, signatures
from keras_vae.export.given import as_given, part_specs

SHAPE = (4, 5)
PARTS = {"mask", "condition"}


def make_vae(takes_mask=True, takes_condition=True):
    names = ["mask"] * takes_mask + ["condition"] * takes_condition
    shapes = {"x": SHAPE, "mask": SHAPE, "condition": (3,)}
    inputs = {name: keras.Input(shapes[name], name=name) for name in ["x", *names]}
    flat = [keras.layers.Flatten()(part) for part in inputs.values()]
    h = keras.layers.Concatenate()(flat) if names else flat[0]
    encoder = keras.Model(
        inputs if names else inputs["x"], [keras.layers.Dense(2)(h) for _ in range(2)]
    )
    z, c = keras.Input((2,), name="z"), keras.Input((3,), name="condition")
    told = takes_condition
    logits = keras.layers.Dense(20)(keras.layers.Concatenate()([z, 3 * c]) if told else z)
    decoder = keras.Model(
        {"z": z, "condition": c} if told else z, keras.layers.Reshape(SHAPE)(logits)
    )
    return VAE(encoder, decoder, seed=0)


@pytest.fixture(scope="module")
def vae():
    keras.utils.set_random_seed(0)
    return make_vae()


@pytest.fixture(scope="module")
def exported(vae, tmp_path_factory):
    """(path of the version, its metadata)."""
    return export_version(vae, tmp_path_factory.mktemp("conditional"), samples=3)


@pytest.fixture(scope="module")
def loaded(exported):
    return tf.saved_model.load(str(exported[0]))


@pytest.fixture(scope="module")
def x():
    """Five binary images, their masks and conditions."""
    rng = np.random.default_rng(0)
    x, mask = rng.random((2, 5, *SHAPE)) < 0.5
    condition = np.eye(3)[[0, 1, 2, 0, 1]]
    given = {"x": x, "mask": mask, "condition": condition}
    return {name: part.astype("float32") for name, part in given.items()}


def test_what_takes_x_takes_its_parts_and_what_takes_z_or_a_seed_the_condition(exported):
    _, metadata = exported
    beside = {"decode": {"z", "condition"}, "sample": {"seed", "condition"}}
    for name in ("encode", "reconstruct", "serving_default"):
        beside[name] = {"x", *PARTS}
        if name != "serving_default":
            beside[f"{name}_image"] = {"image_bytes", *PARTS}
    beside["score"] = {"x", "seed", *PARTS}
    beside["score_image"] = {"image_bytes", "seed", *PARTS}
    described = metadata["signatures"]
    assert {name: set(sides["inputs"]) for name, sides in described.items()} == beside
    assert described["decode"]["inputs"]["condition"]["shape"] == [None, 3]
    assert described["encode"]["inputs"]["mask"]["shape"] == [None, *SHAPE]
    starts = ("the model is conditional", "x comes with a mask")
    assert [any(line.startswith(s) for line in metadata["serving_protocol"]) for s in starts] == [
        True, True
    ]  # fmt: skip


@pytest.mark.parametrize("takes_mask", [False, True])
@pytest.mark.parametrize("takes_condition", [False, True])
def test_a_model_that_does_not_take_a_part_is_not_asked_for_it(takes_mask, takes_condition):
    vae = make_vae(takes_mask, takes_condition)
    parts = ["mask"] * takes_mask + ["condition"] * takes_condition
    assert [spec.name for spec in part_specs(vae)] == parts
    inputs = {name: [s.name for s in specs] for name, (_, specs) in signatures(vae, 1).items()}
    assert inputs["score"] == ["x", "seed", *parts]
    assert inputs["decode"] == ["z"] + ["condition"] * takes_condition
    assert inputs["sample"] == ["seed"] + ["condition"] * takes_condition
    function, specs = signatures(vae, 1)["encode"]
    served = tf.function(function, input_signature=specs, autograph=False)
    asked = {spec.name: tf.zeros([2, *spec.shape[1:]]) for spec in specs}
    assert served(**asked)["z_mean"].shape == (2, 2)
    given = as_given(vae, "x", *parts)
    assert given == ({"x": "x", **dict(zip(parts, parts, strict=True))} if parts else "x")


def test_its_version_answers_as_the_model(exported):
    path, metadata = exported
    assert check_version(path)["faults"] == []
    assert set(metadata["differences"]) == set(metadata["signatures"])
    # the questions have rows of different conditions and masks
    with np.load(path / "assets.extra" / "reference.npz") as answers:
        condition, mask = (answers[f"score/inputs/{name}"] for name in ("condition", "mask"))
        assert (answers["decode/inputs/condition"] == condition).all()
    np.testing.assert_array_equal(condition[:5], [*np.eye(3), [0, 0, 0], [1, 0, 0]])
    assert set(np.unique(mask)) == {0, 1}
    assert mask.any(axis=(1, 2)).all()


def test_the_answers_are_those_of_the_model_for_the_dictionary(vae, loaded, x):
    served = loaded.signatures
    z_mean, z_log_var = vae.encode(x)
    encoded = served["encode"](**x)
    np.testing.assert_allclose(encoded["z_mean"], z_mean, atol=1e-5)
    np.testing.assert_allclose(encoded["z_log_var"], z_log_var, atol=1e-5)
    reconstruction = served["reconstruct"](**x)["reconstruction"]
    np.testing.assert_allclose(reconstruction, vae.predict(x, verbose=0), atol=1e-5)
    mean = served["decode"](z=z_mean, condition=x["condition"])["mean"]
    np.testing.assert_allclose(mean, vae.decode(z_mean, condition=x["condition"]), atol=1e-5)
    assert np.abs(mean - vae.decode(z_mean, condition=x["condition"][::-1])).max() > 0.1
    sample = served["sample"](seed=np.arange(5), condition=x["condition"])
    np.testing.assert_allclose(
        sample["mean"], vae.decode(sample["z"], condition=x["condition"]), atol=1e-5
    )


def test_the_score_is_that_of_the_observed_entries(vae, loaded, x):
    count = 2000
    row = {name: np.repeat(part[:1], count, axis=0) for name, part in x.items()}
    score = loaded.signatures["score"](**row, seed=np.arange(count))
    terms = vae.terms(row, seed=1)
    np.testing.assert_allclose(score["rate"], terms.rate, rtol=1e-4)
    error = np.hypot(np.std(score["distortion"]), np.std(terms.distortion)) / np.sqrt(count)
    assert abs(np.mean(score["distortion"]) - np.mean(terms.distortion)) < 4 * error
    whole = loaded.signatures["score"](
        **{**row, "mask": 0 * row["mask"] + 1}, seed=np.arange(count)
    )
    assert np.mean(whole["distortion"]) > np.mean(score["distortion"]) + 1


def test_a_missing_part_is_refused_by_tensorflow(loaded, x):
    for name in ("encode", "reconstruct"):
        for part in PARTS:
            with pytest.raises(TypeError, match=part):
                loaded.signatures[name](**{key: x[key] for key in x if key != part})
    with pytest.raises(TypeError, match="condition"):
        loaded.signatures["decode"](z=np.zeros((5, 2), "float32"))
    with pytest.raises(TypeError, match="condition"):
        loaded.signatures["sample"](seed=np.arange(5))
    with pytest.raises(tf.errors.InvalidArgumentError, match="same number of rows"):
        loaded.signatures["sample"](seed=np.arange(4), condition=x["condition"])


def test_what_is_missing_may_hold_anything(loaded, x):
    expected = loaded.signatures["score"](**x, seed=np.arange(5))
    for anything in (np.nan, np.inf, 255.0):
        filled = {**x, "x": np.where(x["mask"] == 1, x["x"], np.float32(anything))}
        score = loaded.signatures["score"](**filled, seed=np.arange(5))
        for name, rows in expected.items():
            np.testing.assert_array_equal(score[name], rows)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [("condition", np.inf), ("condition", np.nan), ("mask", 0.5), ("mask", 2.0), ("mask", np.nan)],
)
def test_a_row_of_another_mask_or_condition_is_not_answered(loaded, x, part, wrong):
    asked = {**x, part: x[part].copy()}
    asked[part].reshape(5, -1)[2, 0] = wrong
    expected = loaded.signatures["score"](**x, seed=np.arange(5))
    score = loaded.signatures["score"](**asked, seed=np.arange(5))
    others = [0, 1, 3, 4]
    for name, rows in expected.items():
        assert np.isnan(score[name][2])
        np.testing.assert_array_equal(score[name].numpy()[others], rows.numpy()[others])


def test_a_file_comes_with_the_same_parts(vae, loaded, x, tmp_path):
    Image.fromarray((x["x"][0] * 255).astype("uint8")).save(tmp_path / "image.png")
    parts = {name: x[name][:1] for name in PARTS}
    files = tf.constant([(tmp_path / "image.png").read_bytes()])
    encoded = loaded.signatures["encode_image"](image_bytes=files, **parts)
    expected = vae.encode({"x": x["x"][:1], **parts})[0]
    np.testing.assert_allclose(encoded["z_mean"], expected, atol=1e-5)
