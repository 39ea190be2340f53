import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae import DataError
from keras_vae.distributions import Bernoulli, Gaussian
from keras_vae.inputs import Takes, examples, fitted

KINDS = {"array": np.asarray, "tensor": tf.constant}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("shape", "event_shape"),
    [
        ((4, 8, 8, 1), (8, 8)),
        ((4, 8, 8), (8, 8, 1)),
        ((4, 1, 8, 8), (8, 8)),
        ((4, 8), (8, 1)),
        ((4, 8, 1), (8,)),
        ((4,), (1,)),
        ((0, 8, 1), (8,)),
    ],
)
def test_axes_of_size_1_are_added_and_dropped_and_every_entry_keeps_its_place(
    kind, shape, event_shape
):
    x = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    result = fitted(kind(x), event_shape)
    np.testing.assert_array_equal(result, x.reshape(shape[0], *event_shape))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("shape", "event_shape", "way_out"),
    [
        ((4, 3, 8, 8), (8, 8, 3), "np.moveaxis(x, 1, -1)"),
        ((4, 8, 8, 3), (3, 8, 8), "np.moveaxis(x, -1, 1)"),
        ((4, 64), (8, 8), "x.reshape(-1, 8, 8)"),
        ((4, 8, 8), (64,), "x.reshape(-1, 64)"),
        ((4, 4, 16), (8, 8), "x.reshape(-1, 8, 8)"),
        ((8, 8), (8, 8), "x[None]"),
        ((6,), (6,), "x[None]"),
        ((4, 7, 8), (8, 8), "examples of that shape"),
        ((), (6,), "examples of that shape"),
    ],
)
def test_any_other_shape_is_one_line_with_both_shapes(kind, shape, event_shape, way_out):
    with pytest.raises(DataError) as error:
        fitted(kind(np.zeros(shape, "float32")), event_shape)
    expected = ", ".join(map(str, ("N", *event_shape)))
    for said in (f"shape {shape}", f"({expected})", way_out):
        assert said in str(error.value)


def test_axes_that_are_not_known_yet_are_looked_at_when_they_are():
    @tf.function(input_signature=[tf.TensorSpec(None, tf.float32)])
    def first(x):
        return fitted(x, (2, 3))[0]

    @tf.function(input_signature=[tf.TensorSpec((None, None, None), tf.float32)])
    def second(x):
        return fitted(x, (2, 3))[0]

    for function in (first, second):
        assert function(tf.zeros((4, 2, 3))).shape == (2, 3)
        with pytest.raises(tf.errors.InvalidArgumentError):
            function(tf.zeros((4, 3, 2)))


def test_symbols_of_keras_are_fitted_too():
    assert fitted(keras.Input((8, 8, 1)), (8, 8)).shape == (None, 8, 8)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("likelihood", "value", "said"),
    [
        (Bernoulli, np.nan, "x holds 1 NaN value, in 1 of 3 examples, the first in row 2"),
        (Gaussian, np.nan, "x holds 1 NaN value, in 1 of 3 examples, the first in row 2"),
        (Gaussian, -np.inf, "x holds 1 infinite value, in 1 of 3 examples"),
        (Bernoulli, 255, "describes values in [0, 1], got values in [0, 255]"),
        (Bernoulli, -0.01, "describes values in [0, 1], got values in [-0.01, 0]"),
    ],
)
def test_values_that_the_likelihood_cannot_describe_are_named(kind, likelihood, value, said):
    x = np.zeros((3, 2), "float32")
    x[2, 1] = value
    with pytest.raises(DataError) as error:
        examples(kind(x), Takes((2,), likelihood()))
    assert said in str(error.value)


def test_what_float32_cannot_hold_is_refused():
    with pytest.raises(DataError, match="2 infinite values, in 1 of 1"):
        examples(np.array([[1e39, -1e300]]), Takes((2,), Gaussian()))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_8_bit_counts_are_never_taken_in_silence(kind):
    x = np.array([[0, 255]], "uint8")
    with pytest.raises(DataError, match=r"x / 255, as kv.load_data does$"):
        examples(kind(x), Takes((2,), Bernoulli()))
    with pytest.raises(DataError, match=r"x / 255.*x.astype\('float32'\) to keep the counts$"):
        examples(kind(x), Takes((2,), Gaussian()))
    assert examples(kind(x // 255), Takes((2,), Bernoulli())).dtype == "uint8"
    assert examples(kind(x.astype("float32")), Takes((2,), Gaussian())).dtype == "float32"


GRAY = np.random.default_rng(0).random((5, 2)).astype("float32")
MASK = np.array([[1, 1], [0, 1], [1, 0], [1, 1], [0, 0]], "uint8")
CONDITION = np.eye(3)[[0, 1, 2, 0, 1]]
CONDITIONAL = Takes((2,), Gaussian(), (3,))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_dictionary_has_its_missing_entries_set_to_0_and_its_parts_in_float32(kind):
    gaps = np.where(MASK, GRAY, np.nan).astype("float32")
    given = {"x": kind(gaps), "mask": kind(MASK), "condition": kind(CONDITION)}
    parts = {name: np.asarray(part) for name, part in examples(given, CONDITIONAL).items()}
    np.testing.assert_array_equal(parts["x"], GRAY * MASK)
    np.testing.assert_array_equal(parts["mask"], MASK)
    np.testing.assert_array_equal(parts["condition"], CONDITION)
    assert {part.dtype.name for part in parts.values()} == {"float32"}


def test_parts_that_are_none_are_not_there():
    assert examples({"x": GRAY, "mask": None}, Takes((2,), Gaussian())).keys() == {"x"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"condition": None}, "no condition was given"),
        ({"x": None}, "expected 'x'"),
        ({"labels": GRAY}, "'labels': expected 'x'"),
        ({"mask": 2 * MASK}, "mask holds values in [0, 2]"),
        ({"mask": np.where(MASK, 1.0, np.nan)}, "mask holds NaN: expected 1"),
        ({"mask": MASK[:, :1]}, "mask has shape (5, 1)"),
        ({"mask": MASK[:3]}, "x 5, mask 3, condition 5"),
        ({"condition": CONDITION[:4]}, "x 5, mask 5, condition 4"),
        ({"condition": CONDITION[:, :2]}, "condition has shape (5, 2), the model takes (N, 3)"),
        ({"condition": np.nan * CONDITION}, "condition holds NaN"),
        ({"x": np.where(MASK, np.nan, GRAY)}, '{"x": x, "mask": ~np.isnan(x)}'),
    ],
)
def test_parts_that_do_not_fit_are_named(kind, change, said):
    given = {"x": GRAY, "mask": MASK, "condition": CONDITION} | change
    given = {name: None if part is None else kind(part) for name, part in given.items()}
    with pytest.raises(DataError) as error:
        examples(given, CONDITIONAL)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_condition_that_no_network_takes_is_refused():
    with pytest.raises(DataError, match="the model takes none"):
        examples({"x": GRAY, "condition": CONDITION}, Takes((2,), Gaussian()))
    with pytest.raises(DataError, match="no condition was given"):
        examples(GRAY, CONDITIONAL)


def test_the_way_out_is_told_of_the_part_that_does_not_fit():
    takes = Takes((2,), Gaussian(), (2, 2))
    with pytest.raises(DataError, match=r"give condition.reshape\(-1, 2, 2\)"):
        examples({"x": GRAY, "condition": np.zeros((5, 4))}, takes)
    with pytest.raises(DataError, match=r"give np.moveaxis\(mask, 1, -1\)"):
        fitted(np.zeros((5, 3, 2, 2)), (2, 2, 3), "mask")
