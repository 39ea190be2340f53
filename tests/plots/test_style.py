import os

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from PIL import Image

from keras_vae.plots import new_figure, save
from keras_vae.plots.style import DPI, PALETTE, class_colours, evenly, latent_name


def test_palette_is_ten_distinct_colours_that_show_on_white():
    colours = np.array([to_rgb(colour) for colour in PALETTE])
    assert len(np.unique(colours, axis=0)) == 10
    assert (colours.mean(axis=1) < 0.85).all()


@pytest.mark.parametrize("count", [1, 2, 10, 11, 30, 100])
def test_class_colours_are_distinct(count):
    colours = class_colours(count)
    assert colours.shape == (count, 4)
    assert len(np.unique(colours, axis=0)) == count
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_new_figure_has_the_size_in_inches():
    assert new_figure(5, 3).get_size_inches().tolist() == [5, 3]


def test_latents_are_counted_from_one():
    assert latent_name(0) == "z_1"


@pytest.mark.parametrize(("count", "most"), [(1, 10), (5, 10), (10, 10), (20, 10), (21, 10)])
def test_evenly_keeps_the_ends_and_the_symmetry(count, most):
    shown = evenly(count, most)
    assert len(shown) <= most
    assert (shown[0], shown[-1]) == (0, count - 1)
    np.testing.assert_array_equal(shown, count - 1 - shown[::-1])
    assert len(np.unique(shown)) == len(shown)


def test_save_writes_a_png_of_150_dots_per_inch_and_nothing_else(tmp_path):
    save(new_figure(4, 2), tmp_path / "picture.png")
    assert os.listdir(tmp_path) == ["picture.png"]
    assert imread(tmp_path / "picture.png").shape[:2] == (300, 600)


def test_save_replaces_an_older_picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    save(new_figure(4, 2), str(path))
    assert path.read_bytes().startswith(b"\x89PNG")


def _write_a_part_and_fail(figure, file, **options):
    file.write(b"\x89PNG and then")
    raise OSError("No space left on device")


def test_save_leaves_no_part_of_a_picture_and_keeps_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    monkeypatch.setattr(FigureCanvasAgg, "print_png", _write_a_part_and_fail)
    with pytest.raises(OSError, match="No space left"):
        save(new_figure(4, 2), path)
    assert os.listdir(tmp_path) == ["picture.png"]
    assert path.read_bytes() == b"old"


def test_save_leaves_nothing_behind_if_the_rename_fails(tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError("Permission denied")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="Permission denied"):
        save(new_figure(4, 2), tmp_path / "picture.png")
    assert os.listdir(tmp_path) == []


def test_save_refuses_another_format(tmp_path):
    with pytest.raises(ValueError, match=r"expected a path that ends in \.png, got .*picture\.pdf"):
        save(new_figure(4, 2), tmp_path / "picture.pdf")


def test_save_refuses_a_missing_folder(tmp_path):
    with pytest.raises(ValueError, match=r"expected an existing folder, got .*missing"):
        save(new_figure(4, 2), tmp_path / "missing" / "picture.png")


def test_a_figure_is_drawn_once_at_our_resolution_and_left_as_it_was(tmp_path):
    drawn = []

    class Counted(Artist):
        def draw(self, renderer):
            drawn.append(renderer)

    figure = new_figure(2, 1)
    figure.add_subplot().add_artist(Counted())
    figure.dpi = 50
    canvas, layout = figure.canvas, figure.get_layout_engine()
    save(figure, tmp_path / "x.png")
    assert len(drawn) == 1
    assert (figure.dpi, figure.canvas, figure.get_layout_engine()) == (50, canvas, layout)
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (2 * DPI, DPI)
