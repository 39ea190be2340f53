import re
from dataclasses import replace

import numpy as np
import pytest

from keras_vae import Config, ConfigError, DataError, plots
from keras_vae.conditions import encode_conditions
from keras_vae.runs.interpolation import interpolate, picture_of_interpolation
from keras_vae.runs.run import Run
from keras_vae.runs.start import new_run
from keras_vae.runs.tables import decode_table
from keras_vae.training import build_vae


def untrained(tmp_path_factory, **options):
    """A run as `fit` begins it, and its data."""
    config = Config(**{"latent": 2, "hidden": (4,), **options})
    dataset, record = new_run(config)
    config = Config.from_dict(record["config"])
    path = tmp_path_factory.mktemp("models")
    return Run(path, config, record, vae=build_vae(config, dataset)), dataset


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return untrained(tmp_path_factory, data="digits", binarize="static")


@pytest.fixture(scope="module")
def of_labels(tmp_path_factory):
    """That of a model that is told the label of each digit."""
    return untrained(tmp_path_factory, data="digits", condition=("labels",))


@pytest.fixture(scope="module")
def of_columns(tmp_path_factory, people):
    """That of a model of a table that is told two columns of it."""
    return untrained(tmp_path_factory, data=str(people), condition=("member", "income"))


def test_what_is_decoded_lies_on_the_line_between_the_two_codes(plain):
    run, dataset = plain
    found = interpolate(run, dataset, 3, 8, steps=5, split="validation")
    x = run.examples(dataset, "validation").x
    z_mean, _ = run.vae.encode(x)
    np.testing.assert_array_equal(found.ends.x, x[[3, 8]])
    assert set(np.unique(found.ends.x)) == {0, 1}  # as the model sees them
    for t, z in zip([0, 0.25, 0.5, 0.75, 1], found.z, strict=True):
        np.testing.assert_allclose(z, z_mean[3] + t * (z_mean[8] - z_mean[3]), atol=1e-5)
    np.testing.assert_allclose(found.mean, run.vae.decode(found.z), atol=1e-6)
    assert found.z.dtype == found.mean.dtype == np.float32
    assert (found.split, found.start, found.end, found.condition) == ("validation", 3, 8, {})


def test_eleven_steps_of_the_test_split_are_taken_unless_others_are_asked_for(plain):
    found = interpolate(*plain, 0, 1)
    assert len(found.z) == 11
    assert found.split == "test"


def test_one_example_alone_is_a_line_that_stays_where_it_is(plain):
    found = interpolate(*plain, 2, 2, steps=3)
    np.testing.assert_array_equal(found.z, np.tile(found.z[:1], (3, 1)))


def pairs_of(dataset):
    """Numbers of two test examples of one label, and of two with different ones."""
    labels = dataset.test.labels
    same = int(np.flatnonzero(labels == labels[0])[1])
    return (0, same), (0, int(np.flatnonzero(labels != labels[0])[0]))


def test_two_examples_of_one_condition_are_decoded_with_it(of_labels):
    run, dataset = of_labels
    (start, end), _ = pairs_of(dataset)
    found = interpolate(run, dataset, start, end, steps=4)
    label = str(dataset.test.labels[0])
    assert found.condition == {"label": label}
    told = run.condition({"label": label})
    np.testing.assert_allclose(found.mean, run.vae.decode(found.z, condition=told), atol=1e-6)


def test_a_condition_that_is_given_is_that_of_the_decoder_alone(of_labels):
    run, dataset = of_labels
    _, (start, end) = pairs_of(dataset)
    found = interpolate(run, dataset, start, end, 4, condition={"label": 3})
    given = run.examples(dataset, "test")[np.array([start, end])].given
    z_mean, _ = run.vae.encode(given)  # each with its own
    np.testing.assert_allclose(found.z[[0, -1]], z_mean, atol=1e-6)
    told = run.condition({"label": 3})
    np.testing.assert_allclose(found.mean, run.vae.decode(found.z, condition=told), atol=1e-6)
    assert found.condition == {"label": 3}


def test_different_conditions_are_one_line_whose_advice_works(of_labels, of_columns):
    for run, dataset in (of_labels, of_columns):
        start, end = pairs_of(dataset)[1] if dataset.test.labels is not None else (0, 1)
        with pytest.raises(DataError, match="have different conditions") as error:
            interpolate(run, dataset, start, end)
        message = str(error.value)
        assert "\n" not in message
        advice = dict(re.findall(r"--condition (\w+)=(\S+)", message))
        found = interpolate(run, dataset, start, end, condition=advice)
        told = encode_conditions(run.conditions, {name: [v] for name, v in advice.items()})
        np.testing.assert_allclose(told[0], dataset.test.condition[start], atol=1e-4)
        assert set(found.condition) == {each.name for each in run.conditions}


def test_conditions_without_names_are_told_apart_too(of_labels):
    run, dataset = of_labels
    record = {**run.record, "data": {**run.record["data"], "conditions": []}}
    with pytest.raises(DataError, match="choose two examples of the same condition"):
        interpolate(replace(run, record=record), dataset, *pairs_of(dataset)[1])
    found = interpolate(replace(run, record=record), dataset, *pairs_of(dataset)[0])
    assert found.condition == {}


def test_rows_of_a_table_hold_the_condition_of_the_line(of_columns):
    run, dataset = of_columns
    found = interpolate(run, dataset, 1, 1, steps=3)
    rows = decode_table(run, found.mean, found.condition)
    assert len(rows) == 3
    source = dataset.told
    row = dataset.test.rows[1]
    assert (rows["member"] == np.asarray(source["member"])[row]).all()
    assert rows["income"].astype(float).to_numpy() == pytest.approx(
        float(np.asarray(source["income"])[row]), rel=1e-4
    )


def text_of(figure):
    return figure.get_suptitle()


def test_the_picture_has_the_two_examples_at_its_ends_and_says_which(plain, of_labels):
    run, dataset = plain
    found = interpolate(run, dataset, 3, 8, steps=3)
    figure = picture_of_interpolation(dataset, found)
    assert text_of(figure).endswith("codes\ntest examples 3 and 8")
    shown = np.asarray(figure.axes[0].images[0].get_array()).reshape(10, 5, 10).swapaxes(0, 1)
    np.testing.assert_array_equal(shown[[0, -1], 1:9, 1:9], found.ends.x)
    np.testing.assert_array_equal(shown[1:4, 1:9, 1:9], found.mean)
    run, dataset = of_labels
    figure = picture_of_interpolation(
        dataset, interpolate(run, dataset, 3, 8, 3, condition={"label": 5})
    )
    assert text_of(figure).endswith("test examples 3 and 8, given label=5")


def test_what_is_missing_in_an_image_is_told_and_in_a_row_left_empty(plain, table_run, monkeypatch):
    run, dataset = plain
    found = interpolate(run, dataset, 3, 8, steps=3)
    mask = np.ones_like(found.ends.x)
    mask[0, 0, 0] = 0
    gaps = replace(found, ends=replace(found.ends, mask=mask))
    assert text_of(picture_of_interpolation(dataset, gaps)).endswith("entries are drawn as 0")
    told = {}
    monkeypatch.setattr(plots, "rows", lambda *given: told.update(given=given))
    dataset = table_run.load_data()
    found = interpolate(table_run, dataset, 0, 1, steps=4)
    picture_of_interpolation(dataset, found)
    places, texts, _, _, labels, title, block = told["given"]
    assert [len(places), len(texts), len(labels), block] == [6] * 4
    np.testing.assert_array_equal(np.isnan(places[[0, -1]]), found.ends.mask == 0)
    assert labels[0] == labels[-1] == "x"
    assert title.endswith("\ntest examples 0 and 1")


def test_refusals_are_one_line(plain):
    count = len(plain[1].test)
    for start, end, words in (
        (count, 0, f"--from {count}: the test split has {count} examples; .* 0 to {count - 1}"),
        (0, -1, "--to -1"),
        (0, 1.5, "--to 1.5"),
    ):
        with pytest.raises(DataError, match=words):
            interpolate(*plain, start, end)
    for steps in (1, 2.5, True):
        with pytest.raises(ConfigError, match="steps="):
            interpolate(*plain, 0, 1, steps)
    with pytest.raises(DataError, match="takes no condition"):
        interpolate(*plain, 0, 1, condition={"label": 3})
