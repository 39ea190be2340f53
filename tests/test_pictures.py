import numpy as np
import pytest
from PIL import Image

from keras_vae import RunError, draw


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
