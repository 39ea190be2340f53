from collections import Counter

import numpy as np
import pytest
from scipy.optimize import minimize

from keras_vae.measures import ClassAccuracy, linear_accuracy, neighbour_accuracy


@pytest.fixture(scope="module")
def made():
    """(features, labels, held-out features, held-out labels) of three classes that overlap, of
    which one number is large and one small."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    centers = np.array([[0, 0, 0], [2, 0, 1], [0, 3, 1]])
    features = (centers[labels] + rng.normal(size=(300, 3))) * [1, 30, 0.02] + [0, 100, 0]
    return features[:200], labels[:200], features[200:], labels[200:]


def told_by_hand(features, labels, held_out, k):
    """The class of each held-out example by its k nearest, one after the other."""
    told = []
    for one in held_out:
        distances = [np.sqrt(np.sum((one - other) ** 2)) for other in features]
        nearest = labels[np.argsort(distances)[:k]]
        most = Counter(nearest.tolist())
        told.append(min(label for label in most if most[label] == max(most.values())))
    return np.array(told)


@pytest.mark.parametrize("k", [1, 4, 5, 200])
def test_neighbours_tell_what_they_tell_by_hand(made, k):
    features, labels, held_out, held_out_labels = made
    expected = told_by_hand(features, labels, held_out, k) == held_out_labels
    found = neighbour_accuracy(*made, k=k)
    np.testing.assert_array_equal(found.is_right, expected)
    assert found.mean == expected.mean()


def test_five_neighbours_are_asked_unless_another_number_is_given(made):
    np.testing.assert_array_equal(
        neighbour_accuracy(*made).is_right, neighbour_accuracy(*made, k=5).is_right
    )


def test_the_error_is_that_of_a_share():
    found = ClassAccuracy(np.arange(50) < 40)
    assert found.mean == 0.8
    assert found.standard_error == pytest.approx(np.sqrt(0.8 * 0.2 / 50))
    # as often as it is drawn again, it comes out so far from 0.8
    drawn = (np.random.default_rng(0).random((20_000, 50)) < 0.8).mean(axis=1)
    assert drawn.std() == pytest.approx(found.standard_error, rel=0.03)
    assert ClassAccuracy(np.ones(50, bool)).standard_error == 0


def test_the_probe_is_the_regression_whose_loss_is_written_out(made):
    features, labels, held_out, held_out_labels = made
    mean, width = features.mean(axis=0), features.std(axis=0)
    f = (features - mean) / width

    def loss(flat):
        w, b = flat[:9].reshape(3, 3), flat[9:]
        logits = f @ w + b
        log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        return -log_p[np.arange(200), labels].sum() + (w**2).sum() / 2

    best = minimize(loss, np.zeros(12)).x
    told = ((held_out - mean) / width @ best[:9].reshape(3, 3) + best[9:]).argmax(axis=1)
    found = linear_accuracy(*made)
    assert np.mean(found.is_right != (told == held_out_labels)) <= 0.01  # one on the border
    assert 0.7 < found.mean < 1


def test_classes_on_two_sides_of_a_plane_are_told_and_a_ring_is_not():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 4))
    features = features[np.abs(features @ [1, -2, 0, 1]) > 0.3]
    labels = (features @ [1, -2, 0, 1] > 0).astype(int) + 7
    half = len(features) // 2
    parts = features[:half], labels[:half], features[half:], labels[half:]
    assert linear_accuracy(*parts).mean > 0.99
    # a class around another has no plane between them, but has neighbours
    angle, radius = rng.uniform(0, 2 * np.pi, 400), np.repeat([1.0, 3.0], 200)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    order = rng.permutation(400)
    ring, labels = ring[order], (radius > 2)[order]
    parts = ring[:200], labels[:200], ring[200:], labels[200:]
    assert neighbour_accuracy(*parts).mean == 1
    assert linear_accuracy(*parts).mean < 0.7


def test_shuffled_labels_are_told_no_better_than_by_chance():
    rng = np.random.default_rng(0)
    labels = np.arange(2000) % 4
    features = np.eye(4)[labels] * 9 + rng.normal(size=(2000, 4))
    parts = features[:1000], labels[:1000], features[1000:], labels[1000:]
    shuffled = features[:1000], rng.permutation(labels[:1000]), features[1000:], labels[1000:]
    for accuracy in (neighbour_accuracy, linear_accuracy):
        assert accuracy(*parts).mean == 1
        found = accuracy(*shuffled)
        assert abs(found.mean - 0.25) < 4 * found.standard_error


def test_what_never_changes_in_training_is_passed_over(made):
    features, labels, held_out, held_out_labels = made
    constant = np.column_stack([features, np.full(200, 5.0)])
    held_out = np.column_stack([held_out, np.full(100, 6.0)])
    found = linear_accuracy(constant, labels, held_out, held_out_labels)
    assert found.mean == pytest.approx(linear_accuracy(*made).mean, abs=0.011)


def test_what_cannot_be_learned_from_is_refused(made):
    features, _, held_out, held_out_labels = made
    for k in (0, 201):
        with pytest.raises(ValueError, match=f"k={k}: expected 1 to 200"):
            neighbour_accuracy(*made, k=k)
    with pytest.raises(ValueError, match="of one class"):
        linear_accuracy(features, np.zeros(200, int), held_out, held_out_labels)
