import numpy as np
import pytest
from PIL import Image

from keras_vae import Config, draw, plots
from keras_vae.data import part_of
from keras_vae.errors import DoesNotApply
from keras_vae.table_pictures import _Table, picture_of_line, table_pictures
from keras_vae.training.build import build_vae


@pytest.fixture
def told(monkeypatch):
    """name -> what a plot of rows was given, by the order of its arguments."""
    told = {}
    for name in ("rows", "rows_manifold"):
        monkeypatch.setattr(plots, name, lambda *given, name=name: told.update({name: given}))
    return told


@pytest.fixture(scope="module")
def dataset(table_run):
    return table_run.load_data()


def test_a_number_lies_where_it_stands_among_the_training_values(dataset):
    table = _Table(dataset)
    x, mask = dataset.test.x, dataset.test.mask
    places = table.places(x, mask)
    np.testing.assert_array_equal(np.isnan(places), mask == 0)
    known = dataset.train.x[dataset.train.mask[:, 0] > 0, 0]
    expected = [np.mean(known < v) + np.mean(known == v) / 2 for v in x[:, 0]]
    there = mask[:, 0] > 0
    np.testing.assert_allclose(places[there, 0], np.array(expected)[there])
    there = mask[:, 3] > 0
    np.testing.assert_array_equal(places[there, 3], x[there, 3])  # a category by its code
    assert table.is_category == [False, False, False, True, True, False]
    assert table.texts(np.float32([[171.26, 12345.6, 3, 2, 1, 18262]])) == [
        ["171.3", "12346", "3", "Ulm", "yes", "2020-01-01"]
    ]


def test_gaps_stay_gaps_beside_what_is_decoded_in_their_place(table_run, dataset, told):
    x = dataset.given("test")
    pictures = table_pictures(table_run.vae, dataset, x)
    pictures["reconstructions"]()
    places, texts, names, _, labels, *_ = told["rows"]
    mask = part_of(x, "mask")
    np.testing.assert_array_equal(np.isnan(places[::2]), mask == 0)
    assert np.isfinite(places[1::2]).all()
    assert names == ["height", "income", "visits", "town", "member", "day"]
    assert labels[0] == "x"
    assert labels[1].startswith("decoded, ")
    assert texts[0][4] in ("yes", "no")
    pictures["interpolation"]()
    places, _, _, _, labels, _, block = told["rows"]
    assert len(places) == 3 * block == len(labels)
    np.testing.assert_array_equal(np.isnan(places[::block]), mask[:3] == 0)
    pictures["manifold"]()
    assert told["rows_manifold"][0].shape == (24 * 24, 6)


def test_every_picture_of_a_table_is_drawn(table_run, dataset, tmp_path):
    paths = draw(table_run.vae, dataset, tmp_path)
    names = {"latent_map", "reconstructions", "samples", "interpolation", "manifold"}
    assert {path.stem for path in paths} == names
    config = Config(data="people", binarize="none", latent=3, hidden=(4,))
    (path,) = draw(build_vae(config, dataset), dataset, tmp_path, only=["traversals"])
    for each in [*paths, path]:
        with Image.open(each) as image:
            assert len(np.unique(np.asarray(image))) > 10  # not a blank sheet


def test_a_line_has_its_two_rows_at_its_ends(dataset, told):
    x, decoded = dataset.test.x[[3, 5]], dataset.test.x[:4]
    mask = np.ones_like(x)
    mask[1, 2] = 0
    picture_of_line(dataset, x, mask, decoded, "of these")
    places, texts, _, _, labels, title, _ = told["rows"]
    expected = _Table(dataset).texts(np.concatenate([x[:1], decoded, x[1:]]))
    assert texts == expected
    assert np.argwhere(np.isnan(places)).tolist() == [[5, 2]]
    assert labels == [
        "x",
        "0 of the way",
        "0.33 of the way",
        "0.67 of the way",
        "1 of the way",
        "x",
    ]
    assert title.endswith("between their codes\nof these")
    picture_of_line(dataset, x, None, decoded)
    assert np.isfinite(told["rows"][0]).all()
    assert "\n" not in told["rows"][5]


def test_latents_are_moved_in_the_order_of_their_rates_or_the_title_says_of_what(
    dataset, told, monkeypatch
):
    vae = build_vae(Config(data="people", binarize="none", latent=5, hidden=(4,)), dataset)
    x = dataset.given("test")
    table_pictures(vae, dataset, x)["traversals"]()
    *_, labels, title, _ = told["rows"]
    rates = vae.latent_rates(x).mean(axis=0)
    order = np.argsort(-rates)[:4]
    assert [label.split(" ")[0] for label in labels[::5]] == [f"z_{j + 1}" for j in order]
    assert f"nats: z_{order[0] + 1} {rates[order[0]]:.1f}, " in title
    assert title.endswith("\nthe first 4 of 5 latents by their rates")

    def refuse(x):
        raise DoesNotApply("no rates")

    monkeypatch.setattr(vae, "latent_rates", refuse)
    table_pictures(vae, dataset, x)["traversals"]()
    *_, labels, title, _ = told["rows"]
    order = np.argsort(-vae.encode(x)[0].var(axis=0))[:4]
    assert [label.split(" ")[0] for label in labels[::5]] == [f"z_{j + 1}" for j in order]
    assert title.endswith(
        "\nthe first 4 of 5 latents by the variance of their means: none has a rate of its own"
    )
