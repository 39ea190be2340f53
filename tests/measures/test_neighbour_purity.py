import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from keras_vae.measures import (
    nearest_neighbours,
    neighbour_distance,
    neighbour_purity,
    shuffled_purity,
)


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(0).normal(size=(120, 3))


@pytest.fixture(scope="module")
def labels(codes):
    return (codes[:, 0] > 0).astype(int) + 2 * (codes[:, 1] > 0)


def test_neighbours_are_those_of_scikit_learn(codes):
    nearest = NearestNeighbors(n_neighbors=5).fit(codes)
    np.testing.assert_array_equal(nearest_neighbours(codes, 5), nearest.kneighbors()[1])


def test_purity_is_the_share_that_a_classifier_of_scikit_learn_sees(codes, labels):
    classifier = KNeighborsClassifier(10).fit(codes, labels)
    shares = classifier.predict_proba(None)  # each example by the others
    expected = shares[np.arange(len(codes)), np.searchsorted(classifier.classes_, labels)]
    np.testing.assert_allclose(neighbour_purity(codes, labels), expected)


def test_codes_at_one_place_are_neighbours_and_none_its_own():
    codes = np.zeros((20, 2))
    found = nearest_neighbours(codes, 4)
    assert found.shape == (20, 4)
    assert (found != np.arange(20)[:, None]).all()


def test_shuffled_labels_reach_what_chance_does(codes, labels):
    mean, spread = shuffled_purity(codes, labels)
    sizes = np.bincount(labels)
    chance = (sizes * (sizes - 1)).sum() / (len(labels) * (len(labels) - 1))
    assert abs(mean - chance) < 4 * spread / 20**0.5
    assert neighbour_purity(codes, labels).mean() > mean + 10 * spread


def test_codes_that_know_nothing_of_x_are_as_unlike_as_all_pairs(codes):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(120, 4))
    distances = neighbour_distance(codes, x)
    assert abs(distances.mean() - 1) < 4 * distances.std() / 120**0.5
    of_x = neighbour_distance(x, x)
    assert of_x.mean() < 0.5
    # of one code by hand: the mean squared distance to its neighbours, over that of all pairs
    near = ((x[nearest_neighbours(x, 10)[0]] - x[0]) ** 2).mean()
    pairs = ((x[:, None] - x[None]) ** 2).mean(axis=2)
    assert of_x[0] == pytest.approx(near / pairs[~np.eye(120, dtype=bool)].mean())


def test_more_neighbours_than_codes_are_refused(codes):
    with pytest.raises(ValueError, match="fewer than the 120 codes"):
        nearest_neighbours(codes, 120)
