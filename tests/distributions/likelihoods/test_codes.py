import numpy as np
import pytest

from keras_vae import ConfigError, DataError
from keras_vae.distributions import Categorical, Ordinal
from keras_vae.distributions.likelihoods.codes import Codes

X = np.float32([[0, 4, 1], [2, 0, 0], [2, 4, 1]])


@pytest.mark.parametrize("kind", [Categorical, Ordinal])
def test_codes_of_each_column_are_described_and_no_others(kind):
    kind((3, 5, 2)).check(X)
    for column, code in ((0, 3), (2, 2), (1, 0.5), (0, -1), (1, 5)):
        wrong = X.copy()
        wrong[1, column] = code
        with pytest.raises(DataError, match=f"0 to 2, 4, 1, column by column.* {code} in row 1"):
            kind((3, 5, 2)).check(wrong)
    with pytest.raises(DataError, match="codes from 0 to 1, and 4 of 9 values"):
        kind().check(X)


@pytest.mark.parametrize("classes", [1, 0, 2.5, "3", (), (3, 1), [[2, 3]], None])
def test_classes_are_one_number_or_one_a_column(classes):
    with pytest.raises(ConfigError, match=r"classes=.*: expected a whole number of at least 2"):
        Codes(classes)


def test_as_many_columns_as_numbers_of_classes_are_expected():
    with pytest.raises(ConfigError, match=r"Codes of 2 columns got examples of shape \(3,\)"):
        Codes((3, 2)).is_class((3,))
    assert Codes((3, 2)).is_class((2,)).tolist() == [[True, True, True], [True, True, False]]
    assert Codes(4).is_class((2, 3)).shape == (2, 3, 4)


def test_frequencies_have_half_an_example_more_of_each_class_that_there_is():
    found = Codes((3, 5, 2)).frequencies(X)
    np.testing.assert_allclose(found[0], np.array([1.5, 0.5, 2.5, 0, 0]) / 4.5)
    np.testing.assert_allclose(found[1], np.array([1.5, 0.5, 0.5, 0.5, 2.5]) / 5.5)
    mask = np.float32([[1, 1, 1], [0, 1, 1], [0, 1, 1]])
    of_observed = Codes((3, 5, 2)).frequencies(X, mask)
    np.testing.assert_allclose(of_observed[0], np.array([1.5, 0.5, 0.5, 0, 0]) / 2.5)
    np.testing.assert_array_equal(of_observed[1:], found[1:])


def test_the_number_of_classes_is_saved():
    for classes in (4, (3, 5, 2)):
        copy = Codes.from_config(Codes(classes).get_config())
        assert (copy.classes, copy.support) == (classes, (0, Codes(classes).most - 1))
