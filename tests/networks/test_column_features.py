import keras
import numpy as np
import pytest

from keras_vae.errors import ConfigError
from keras_vae.networks import ColumnFeatures

# five columns: age, income (log), visits (log1p), color of 3 kinds, member (0 or 1)
FEATURES = {
    "forms": ("identity", "log", "log1p", "one_hot", "identity"),
    "center": (40.0, 10.0, 1.0, 0.0, 0.5),
    "scale": (20.0, 2.0, 0.5, 1.0, 0.5),
    "classes": (0, 0, 0, 3, 0),
}
X = np.float32([[60, np.exp(12), 3, 2, 1], [30, np.exp(9), 0, 0, 0]])


def test_numbers_are_standardised_categories_one_hot_and_the_mask_stands_behind():
    observed = np.ones_like(X)
    expected = [
        [1, 1, (np.log(4) - 1) / 0.5, 1, 0, 0, 1, 1, 1, 1, 1, 1],
        [-0.5, -0.5, -2, -1, 1, 0, 0, 1, 1, 1, 1, 1],
    ]
    np.testing.assert_allclose(ColumnFeatures(**FEATURES)([X, observed]), expected, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, -5.0, 1e30, np.nan])
def test_a_missing_value_gives_zeros_whatever_stands_in_its_place(value):
    layer = ColumnFeatures(**FEATURES)
    for column, features in enumerate([[0], [1], [2], [4, 5, 6], [3]]):
        mask = np.ones_like(X)
        mask[0, column] = 0
        x = X.copy()
        x[0, column] = 0 if column == 3 and not np.isfinite(value) else value
        result = layer([x, mask]).numpy()
        expected = layer([X, np.ones_like(X)]).numpy()
        expected[0, [*features, 7 + column]] = 0
        np.testing.assert_array_equal(result, expected)


def test_the_layer_comes_back_from_its_config_and_states_its_width():
    layer = ColumnFeatures(**FEATURES)
    copy = ColumnFeatures.from_config(layer.get_config())
    observed = np.ones_like(X)
    np.testing.assert_array_equal(copy([X, observed]), layer([X, observed]))
    inputs = [keras.Input((5,)), keras.Input((5,))]
    assert layer(inputs).shape == (None, 12)


def test_under_mixed_precision_large_numbers_keep_their_differences(mixed_precision):
    features = {"forms": ("identity",), "center": (1e6,), "scale": (1.0,), "classes": (0,)}
    x = np.float32([[1e6 + 1], [1e6 - 2]])
    result = ColumnFeatures(**features)([x, np.ones_like(x)])
    np.testing.assert_array_equal(result, [[1, 1], [-2, 1]])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"forms": ("cube",) * 5}, "cube"), ({"classes": (3,)}, "1 numbers of classes")],
)
def test_features_that_do_not_fit_together_are_refused(change, said):
    with pytest.raises(ConfigError, match=said):
        ColumnFeatures(**{**FEATURES, **change})
