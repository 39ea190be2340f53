from dataclasses import replace

import keras
import numpy as np
import pytest
from extensions import full_covariance
from PIL import Image

from keras_vae import VAE, RunError, draw, draw_evidence, plots
from keras_vae.conditions import Condition
from keras_vae.data import as_dataset
from keras_vae.evaluation import evidence_report
from keras_vae.networks import mlp_decoder
from keras_vae.training import build_vae


@pytest.fixture
def draw_digits(digits_run):
    """Draws pictures of the shared run into a folder."""

    def call(folder, *names):
        training = digits_run.record["training"]
        return draw(
            digits_run.vae,
            digits_run.load_data(),
            folder,
            "dynamic",
            digits_run.history,
            training["best_epoch"],
            only=names,
        )

    return call


def test_only_the_pictures_asked_for_are_drawn(draw_digits, tmp_path):
    paths = draw_digits(tmp_path / "new", "history", "samples")
    assert [path.name for path in paths] == ["history.png", "samples.png"]
    assert sorted((tmp_path / "new").iterdir()) == paths
    for path in paths:
        with Image.open(path) as image:
            assert len(np.unique(np.asarray(image))) > 10  # not a blank sheet


def test_without_a_history_all_other_pictures_are_drawn(digits_run, tmp_path):
    paths = draw(digits_run.vae, digits_run.load_data(), tmp_path)
    names = {"latent_map", "reconstructions", "samples", "interpolation", "manifold"}
    assert {path.stem for path in paths} == names


def test_a_picture_that_does_not_apply_names_those_that_do(draw_digits, tmp_path):
    with pytest.raises(RunError, match="no picture 'traversals'") as error:
        draw_digits(tmp_path / "new", "traversals")
    assert "a model with 2 latents; expected one of latent_map" in str(error.value)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_one_line(draw_digits, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        draw_digits(tmp_path / "file", "samples")


def test_the_same_model_draws_the_same_picture(draw_digits, digits_folder, tmp_path):
    for name in ("samples", "reconstructions", "history"):
        draw_digits(tmp_path, name)
        again = (tmp_path / f"{name}.png").read_bytes()
        assert again == (digits_folder / "plots" / f"{name}.png").read_bytes()


@pytest.mark.parametrize("latents", [2, 4])
def test_an_evidence_report_is_drawn_as_far_as_it_applies(digits_run, tmp_path, latents):
    dataset = digits_run.load_data()
    vae = digits_run.vae
    if latents != 2:
        vae = build_vae(digits_run.config.replace(latent=latents), dataset)
    report = evidence_report(vae, dataset, "dynamic", examples=5, ks=(1, 10))
    names = [path.stem for path in draw_evidence(vae, report, tmp_path)]
    assert names == ["bound_by_samples", "latent_rates", *["exact_posterior"] * (latents == 2)]
    for name in names:
        with Image.open(tmp_path / f"{name}.png") as image:
            assert len(np.unique(np.asarray(image))) > 10


def test_evidence_by_epoch_is_drawn_only_where_it_was_tracked(digits_run, tmp_path):
    columns = {"epoch": [1, 2], "log_evidence": [-9, -8], "elbo": [-10, -9], "posterior_kl": [1, 1]}
    evidence = {"columns": columns, "method": "exact, by quadrature"}
    chosen = digits_run.vae, digits_run.load_data(), tmp_path
    assert [path.name for path in draw(*chosen, evidence=evidence, only=["evidence"])] == [
        "evidence.png"
    ]
    with pytest.raises(RunError, match="no picture 'evidence'"):
        draw(*chosen, only=["evidence"])


def test_a_plain_array_is_drawn_as_a_test_split_is(digits_run, tmp_path, monkeypatch):
    x = digits_run.load_data().test.x
    monkeypatch.chdir(tmp_path)
    (path,) = draw(digits_run.vae, x.tolist(), only=["reconstructions"])  # binarised by itself
    assert path.read_bytes() == (digits_run.path / "plots" / "reconstructions.png").read_bytes()
    assert (tmp_path / path).parent == tmp_path / "plots"
    draw(digits_run.vae, x, history=digits_run.history, only=["history"])


@pytest.fixture
def told(monkeypatch):
    """name -> what a plot was given, by the order of its arguments."""
    told = {}
    for name in ("samples", "interpolation", "manifold", "traversals", "reconstructions"):
        monkeypatch.setattr(
            plots, name, lambda *given, name=name, **more: told.update({name: given})
        )
    monkeypatch.setattr(plots, "save", lambda figure, path: None)
    return told


def conditional_vae(latents):
    """(model that adds 100 condition to what it decodes, x with conditions)."""
    sizes = {"x": 3, "z": latents, "condition": 3}
    x, z, c = (keras.Input((size,), name=name) for name, size in sizes.items())
    heads = [keras.layers.Dense(latents)(keras.layers.Concatenate()([x, c])) for _ in range(2)]
    encoder = keras.Model({"x": x, "condition": c}, heads)
    decoder = keras.Model({"z": z, "condition": c}, keras.layers.Dense(3)(z) + 100 * c)
    rng = np.random.default_rng(0)
    condition = np.eye(3, dtype="float32")[rng.permutation(12) % 3]
    x = rng.normal(1, 1, (12, 3)).astype("float32")
    return VAE(encoder, decoder, "gaussian", seed=0), {"x": x, "condition": condition}


def conditions_of(images):
    """The condition that each image was decoded with."""
    return np.round(np.asarray(images) / 100)


@pytest.mark.parametrize("latents", [2, 4])
def test_latents_are_decoded_with_the_conditions_of_the_examples_that_are_shown(
    told, latents, tmp_path
):
    vae, x = conditional_vae(latents)
    draw(vae, x, tmp_path)
    condition = x["condition"]
    images, note = told["samples"]
    np.testing.assert_array_equal(conditions_of(images), condition[np.arange(64) % 12])
    assert "one example after the other" in note
    images, steps, _, _, note = told["interpolation"]
    np.testing.assert_array_equal(conditions_of(images), np.repeat(condition[:5], steps, axis=0))
    assert "the example on the left" in note
    images, *_, note = told["manifold" if latents == 2 else "traversals"]
    assert (conditions_of(images) == condition[0]).all()
    assert "condition of the" in note
    shown, reconstruction, _, mask = told["reconstructions"]
    np.testing.assert_array_equal(shown, x["x"])
    np.testing.assert_array_equal(conditions_of(reconstruction), condition)
    assert mask is None


@pytest.mark.parametrize(("latents", "name"), [(2, "manifold"), (4, "traversals")])
def test_a_picture_under_one_condition_says_which(told, latents, name, tmp_path):
    vae, x = conditional_vae(latents)
    dataset = replace(as_dataset(x), conditions=(Condition("kind", ("cat", "dog", "eel")),))
    draw(vae, dataset, tmp_path, only=[name])
    kind = ["cat", "dog", "eel"][int(x["condition"][0].argmax())]
    assert told[name][-1].startswith(f"given kind={kind}, as ")


def test_a_picture_of_a_plain_model_says_nothing_of_conditions(told, digits_run, tmp_path):
    names = ["samples", "interpolation", "manifold", "reconstructions"]
    draw(digits_run.vae, digits_run.load_data().test.x[:10], tmp_path, "threshold", only=names)
    assert [told[name][-1] for name in names] == ["", "", "", None]


def test_missing_entries_are_given_to_the_picture_of_reconstructions(told, tmp_path):
    vae, x = conditional_vae(2)
    mask = (np.arange(36) % 5 > 0).reshape(12, 3).astype("float32")
    x = {**x, "x": np.where(mask, x["x"], np.nan), "mask": mask}
    draw(vae, x, tmp_path, only=["reconstructions", "interpolation"])
    assert told["interpolation"][-1].endswith("on the left; missing entries are drawn as 0")
    shown, _, distortion, given = told["reconstructions"]
    np.testing.assert_array_equal(given, mask)
    np.testing.assert_array_equal(shown[mask == 1], x["x"][mask == 1])
    assert np.isfinite(distortion).all()


def test_latents_without_rates_of_their_own_are_moved_without_them(told, tmp_path):
    x = np.random.default_rng(0).random((12, 4)).astype("float32")
    vae = VAE(
        full_covariance.encoder(4, 3),
        mlp_decoder((4,), 3, (8,)),
        "gaussian",
        posterior=full_covariance.FullNormal(),
    )
    draw(vae, x, tmp_path, only=["traversals"])
    *_, rates, note = told["traversals"]
    assert rates is None
    assert note == "latents by the variance of their means: none has a rate of its own"


def test_latents_are_moved_in_the_order_of_their_rates_and_the_smallest_are_left_out(
    told, tmp_path
):
    vae, x = conditional_vae(12)
    draw(vae, x, tmp_path, only=["traversals"])
    _, latents, _, _, rates, note = told["traversals"]
    expected = vae.latent_rates(x).mean(axis=0)
    assert latents == np.argsort(-expected)[:10].tolist()
    np.testing.assert_allclose(rates, np.sort(expected)[::-1][:10])
    assert note.endswith("\nthe first 10 of 12 latents by their rates")
