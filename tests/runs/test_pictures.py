import numpy as np
import pytest
from PIL import Image

from keras_vae import RunError
from keras_vae.runs import draw


def test_only_the_pictures_asked_for_are_drawn(digits_run, tmp_path):
    names = ["history", "samples"]
    paths = draw(digits_run, digits_run.load_data(), tmp_path / "new", only=names)
    assert [path.stem for path in paths] == names
    assert sorted((tmp_path / "new").iterdir()) == paths
    for path in paths:
        with Image.open(path) as image:
            assert len(np.unique(np.asarray(image))) > 10  # not a blank sheet


def test_a_picture_that_does_not_apply_names_those_that_do(digits_run, tmp_path):
    with pytest.raises(RunError, match="no picture 'traversals'") as error:
        draw(digits_run, digits_run.load_data(), tmp_path / "new", only=["traversals"])
    assert "a model with 2 latents; expected one of latent_map" in str(error.value)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_one_line(digits_run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        draw(digits_run, digits_run.load_data(), tmp_path / "file", only=["samples"])


def test_the_same_run_draws_the_same_picture(digits_run, digits_folder, tmp_path):
    draw(digits_run, digits_run.load_data(), tmp_path, only=["samples"])
    again = (tmp_path / "samples.png").read_bytes()
    assert again == (digits_folder / "plots" / "samples.png").read_bytes()
