import pytest

from keras_vae.data.tables.orders import in_order


@pytest.mark.parametrize(
    "ordered",
    [
        ["0-39g/day", "40-79", "80-119", "120+"],
        ["<5", "5-50", ">50"],
        ["0-1", "4-4", "4-5", "6+"],
        ["Low", "medium", "high"],
        ["I", "II", "III"],
        ["never", "often", "always"],
    ],
)
def test_ranges_and_scales_are_put_in_order(ordered):
    assert in_order(sorted(ordered)) == ordered


@pytest.mark.parametrize(
    "texts", [["a", "b", "c"], ["10", "9", "8"], ["low", "tall", "high"], ["1-2", "3-4", "rest"]]
)
def test_of_others_no_order_is_known(texts):
    assert in_order(texts) is None
