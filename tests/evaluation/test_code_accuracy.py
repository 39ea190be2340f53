import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from extensions import conditional

from keras_vae import Config, ConfigError, DataError, load_data
from keras_vae.conditions import Condition
from keras_vae.data import Dataset, Examples, from_arrays, unsplit
from keras_vae.evaluation import code_accuracy
from keras_vae.measures import linear_accuracy
from keras_vae.training.build import build_vae

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 240)
CENTERS = np.repeat(2 * RNG.normal(size=(3, 3)), 2, axis=1)  # of three classes, in a plane
X = (CENTERS[LABELS] + RNG.normal(size=(240, 6))).astype("float32")


@pytest.fixture(scope="module")
def data():
    rows = np.split(np.arange(240), [140, 160])
    return Dataset("made", *(Examples(X[part], LABELS[part]) for part in rows))


@pytest.fixture(scope="module")
def vae(small_vae):
    return small_vae(likelihood="gaussian")


@pytest.fixture(scope="module")
def found(vae, data):
    return code_accuracy(vae, data)


def told_by_hand(features, labels, others, k):
    """By k neighbours; of classes with as many, the smallest."""
    distances = ((others[:, None] - features[None]) ** 2).sum(axis=2)
    nearest = labels[np.argsort(distances, axis=1)[:, :k]]
    return np.array([np.bincount(row).argmax() for row in nearest])


def test_the_three_are_the_codes_as_many_components_and_x(found, vae, data):
    labels, other_labels = data.train.labels, data.test.labels
    x, others = (part.x.astype("float64") for part in (data.train, data.test))
    mean = x.mean(axis=0)
    directions = np.linalg.svd(x - mean)[2][:2].T
    features = {
        "codes": (vae.encode(x)[0], vae.encode(others)[0]),
        "pca": ((x - mean) @ directions, (others - mean) @ directions),
        "entries": (x, others),
    }
    for name, (train, held_out) in features.items():
        part = getattr(found, name)
        assert part.dimensions == train.shape[1]
        told = told_by_hand(train, labels, held_out, 5)
        assert np.sum(part.neighbours.is_right != (told == other_labels)) <= 1, name  # rounding
        expected = linear_accuracy(train, labels, held_out, other_labels)
        assert np.sum(part.linear.is_right != expected.is_right) <= 1, name
    assert (found.codes.dimensions, found.pca.dimensions, found.entries.dimensions) == (2, 2, 6)
    assert (found.split, found.examples, found.training_examples) == ("test", 80, 140)
    assert (found.classes, found.k) == (3, 5)
    most = Counter(labels.tolist()).most_common(1)[0][0]
    assert found.most_frequent == np.mean(other_labels == most)


def test_as_many_neighbours_are_asked_as_were_asked_for(vae, data):
    found = code_accuracy(vae, data, k=1)
    told = told_by_hand(data.train.x, data.train.labels, data.test.x, 1)
    np.testing.assert_array_equal(found.entries.neighbours.is_right, told == data.test.labels)
    assert found.k == 1


def test_differences_are_paired(found):
    figures = found.to_dict()
    for other in ("pca", "entries"):
        difference = figures[f"codes_minus_{other}"]
        for way in ("neighbours", "linear"):
            right = [getattr(getattr(found, name), way).is_right for name in ("codes", other)]
            each = right[0].astype(float) - right[1]
            assert difference[way] == pytest.approx(figures["codes"][way] - figures[other][way])
            error = each.std(ddof=1) / np.sqrt(80)
            assert difference[f"{way}_standard_error"] == pytest.approx(error)


def test_the_figures_are_json_and_a_table(found):
    figures = found.to_dict()
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert f"{100 * figures['pca']['linear']:.1f}" in found._repr_html_()


def test_shuffled_labels_are_told_by_chance_from_all_three(vae, data):
    parts = [replace(p, labels=RNG.permutation(p.labels)) for p in data.splits.values()]
    found = code_accuracy(vae, Dataset("shuffled", *parts))
    for part in (found.codes, found.pca, found.entries):
        for accuracy in (part.neighbours, part.linear):
            assert abs(accuracy.mean - 1 / 3) < 4 * accuracy.standard_error


def test_the_same_arguments_choose_the_same_training_examples(vae, data, found):
    assert code_accuracy(vae, data).to_dict() == found.to_dict()
    few = code_accuracy(vae, data, training_examples=60)
    assert few.training_examples == 60
    assert code_accuracy(vae, data, training_examples=60).to_dict() == few.to_dict()
    other = code_accuracy(vae, data, training_examples=60, seed=1)
    assert not np.array_equal(other.codes.neighbours.is_right, few.codes.neighbours.is_right)


def test_the_protocol_says_what_the_figures_depend_on(vae, data):
    found = code_accuracy(vae, data, split="validation", k=3, training_examples=100, seed=7)
    protocol = found.protocol
    for words in (
        "made, validation split, 20 examples",
        "100 of 140 training examples, chosen by seed 7",
        "not binarised",
        "3 nearest",
        "entries as the model sees them",
        "penalty |w|^2 / 2",
    ):
        assert words in protocol
    assert "told" not in protocol.replace("told from", "")


def test_all_see_what_the_encoder_sees(small_vae, data):
    gray = from_arrays(1 / (1 + np.exp(-X)), LABELS)
    vae = small_vae()
    found = code_accuracy(vae, gray, "threshold")
    cut = [Examples((part.x > 0.5).astype("float32"), part.labels) for part in gray.splits.values()]
    expected = code_accuracy(vae, Dataset("cut", *cut), "none")
    for name in ("codes", "pca", "entries"):
        assert getattr(found, name).to_dict() == getattr(expected, name).to_dict()
    assert "chosen by seed 0, drawn once; " in code_accuracy(vae, gray, "dynamic").protocol


def test_what_the_encoder_is_told_is_named():
    x = np.abs(X[:, :4])
    given = conditional.given(x)
    data = replace(from_arrays(given, LABELS), conditions=(Condition("kind", ("a", "b", "c")),))
    protocol = code_accuracy(conditional.make(x), data).protocol
    assert protocol.endswith("; the encoder is told kind, PCA and x are not")


def test_more_latents_than_entries_leave_as_many_components_as_there_are():
    x = X[:, :1]
    data = from_arrays({"x": x, "condition": np.eye(3, dtype="float32")[LABELS]}, LABELS)
    found = code_accuracy(conditional.make(x), data)
    assert (found.codes.dimensions, found.pca.dimensions, found.entries.dimensions) == (2, 1, 1)


def test_a_table_with_gaps_and_a_label_has_accuracies(people):
    config = Config(data=str(people), label_column="member", latent=2, hidden=(4,))
    dataset = load_data(str(people), label_column="member")
    found = code_accuracy(build_vae(config, dataset), dataset)
    assert found.classes == 2
    assert found.entries.dimensions == 7  # 4 numbers and a town of three
    assert "numbers standardised" in found.protocol


def test_what_has_no_classes_to_tell_is_refused_in_a_line(vae, data):
    without = Dataset("bare", *(replace(part, labels=None) for part in data.splits.values()))
    one = Dataset("one", *(replace(p, labels=0 * p.labels) for p in data.splits.values()))
    rows = [replace(part, rows=np.arange(len(part))) for part in data.splits.values()]
    for wrong, words in (
        (without, "bare: has no labels.*give them as y beside x, of a table with --label-column"),
        (one, "one: all training examples are of one class"),
        (unsplit(Dataset("whole", *rows)), "whole: is not split.*load_data split it"),
        (X, "is not split"),
    ):
        with pytest.raises(DataError, match=words) as error:
            code_accuracy(vae, wrong)
        assert "\n" not in str(error.value)
    with pytest.raises(ConfigError, match="choose validation or test"):
        code_accuracy(vae, data, split="train")
    for k in (0, 141, 2.0, True):
        with pytest.raises(ConfigError, match="expected a whole number of neighbours, 1 to 140"):
            code_accuracy(vae, data, k=k)
