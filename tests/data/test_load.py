import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import sparse

from keras_vae.data import from_arrays, load_data
from keras_vae.errors import DataError


def numbered(count, *event_shape):
    """Examples that can be told apart: every entry of example i is i."""
    rows = np.arange(count, dtype="float32").reshape(count, *[1] * len(event_shape))
    return np.broadcast_to(rows, (count, *event_shape))


def numbers(examples):
    return examples.x.reshape(len(examples), -1)[:, 0].astype(int).tolist()


def all_values(dataset):
    """Every value of all splits, sorted."""
    return np.sort(np.concatenate([split.x.ravel() for split in dataset.splits.values()]))


# ---- x -----------------------------------------------------------------------------------


def test_uint8_becomes_float32_in_the_unit_interval(npz):
    x = np.random.default_rng(0).integers(0, 256, (20, 4), dtype="uint8")
    x[:2] = [[0] * 4, [255] * 4]
    dataset = load_data(npz(x=x))
    assert dataset.train.x.dtype == "float32"
    np.testing.assert_array_equal(all_values(dataset), np.sort(x.ravel()) / np.float32(255))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int16", "int64", "uint32"])
def test_any_other_number_becomes_float32_in_its_own_unit(npz, dtype):
    x = np.random.default_rng(0).integers(0, 300, (20, 4)).astype(dtype)
    dataset = load_data(npz(x=x))
    assert dataset.train.x.dtype == "float32"
    np.testing.assert_array_equal(all_values(dataset), np.sort(x.ravel()))


def test_booleans_become_0_and_1(npz):
    dataset = load_data(npz(x=np.eye(20, dtype=bool)))
    np.testing.assert_array_equal(all_values(dataset), [0.0] * 380 + [1.0] * 20)


@pytest.mark.parametrize("event_shape", [(1,), (5,), (6, 4), (3, 4, 3), (2, 3, 4, 2)])
def test_any_event_shape_is_kept(npz, event_shape):
    dataset = load_data(npz(x=numbered(20, *event_shape)))
    assert dataset.event_shape == event_shape
    for split in dataset.splits.values():
        assert split.x.shape == (len(split), *event_shape)


# ---- splits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "sizes"), [(20, (16, 2, 2)), (103, (83, 10, 10)), (1000, (800, 100, 100))]
)
def test_a_source_without_a_test_split_is_split_80_10_10(npz, count, sizes):
    dataset = load_data(npz(x=numbered(count, 2)))
    assert tuple(len(split) for split in dataset.splits.values()) == sizes


def test_every_example_is_in_exactly_one_split(npz):
    dataset = load_data(npz(x=numbered(103, 2)))
    found = [number for split in dataset.splits.values() for number in numbers(split)]
    assert sorted(found) == list(range(103))


def test_a_source_sorted_by_class_is_shuffled_before_it_is_split(npz):
    dataset = load_data(npz(x=numbered(1000, 1)))
    for split in dataset.splits.values():
        assert numbers(split) != sorted(numbers(split))
        # the mean of k of the numbers 0 to 999 has a standard deviation below 289 / sqrt(k)
        assert abs(np.mean(numbers(split)) - 499.5) < 4 * 289 / np.sqrt(len(split))


def test_the_split_is_the_same_every_time_whatever_the_global_seeds(npz):
    path = npz(x=numbered(50, 2))
    keras.utils.set_random_seed(1)
    first = load_data(path)
    keras.utils.set_random_seed(2)
    second = load_data(path)
    for name, split in first.splits.items():
        np.testing.assert_array_equal(split.x, second.splits[name].x)


def test_a_sources_own_test_split_is_kept_whole_and_in_order(npz):
    x_test = 1000 + numbered(7, 2)
    dataset = load_data(npz(x_train=numbered(103, 2), x_test=x_test))
    np.testing.assert_array_equal(dataset.test.x, x_test)
    assert (len(dataset.train), len(dataset.validation)) == (93, 10)
    assert sorted(numbers(dataset.train) + numbers(dataset.validation)) == list(range(103))


def test_the_validation_split_of_a_large_source_is_5000_examples(npz):
    dataset = load_data(npz(x_train=numbered(60_000, 1), x_test=numbered(2, 1)))
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (55_000, 5_000, 2)


def test_the_name_of_the_source_is_kept(npz):
    path = npz(x=numbered(20, 2))
    assert load_data(path).name == str(path)


# ---- labels ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32"])
@pytest.mark.parametrize("shape", [(40,), (40, 1)])
def test_labels_stay_with_their_examples(npz, dtype, shape):
    dataset = load_data(npz(x=numbered(40, 2), y=np.arange(40, dtype=dtype).reshape(shape)))
    for split in dataset.splits.values():
        assert split.labels.dtype == "int64"
        assert split.labels.tolist() == numbers(split)
    assert dataset.class_names is None


def test_labels_of_a_sources_own_test_split_stay_with_their_examples(npz):
    dataset = load_data(
        npz(
            x_train=numbered(40, 2),
            y_train=np.arange(40),
            x_test=100 + numbered(5, 2),
            y_test=100 + np.arange(5)[:, None],
        )
    )
    for split in dataset.splits.values():
        assert split.labels.tolist() == numbers(split)


def test_strings_become_numbers_and_the_names_of_the_classes(npz):
    names = np.array(["dog", "cat", "eel", "cat"])[np.arange(40) % 4]
    dataset = load_data(
        npz(x_train=numbered(40, 2), y_train=names, x_test=numbered(4, 2), y_test=names[:4])
    )
    assert dataset.class_names == ("cat", "dog", "eel")
    for split in dataset.splits.values():
        found = [dataset.class_names[label] for label in split.labels]
        assert found == [names[number] for number in numbers(split)]


def test_without_labels_there_are_none(npz):
    dataset = load_data(npz(x=numbered(20, 2)))
    assert [split.labels for split in dataset.splits.values()] == [None] * 3
    assert dataset.class_names is None


def test_byte_strings_name_the_classes_as_strings_do(npz):
    dataset = load_data(npz(x=numbered(20, 2), y=np.array([b"cat", b"dog"] * 10)))
    assert dataset.class_names == ("cat", "dog")


# ---- refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_and_counted(npz, refusal, x, value):
    x[3, 1, :2] = value
    message = refusal(npz(x=x))
    assert "x holds 2 NaN or infinite values (of 360) in 1 examples, the first in row 3" in message


def test_values_in_the_test_split_that_are_not_finite_are_refused(npz, refusal, x):
    x_test = x.copy()
    x_test[0, 0, 0] = np.nan
    assert "x_test holds 1 NaN" in refusal(npz(x_train=x, x_test=x_test))


def test_float64_values_beyond_float32_are_refused(npz, refusal, x):
    x = x.astype("float64")
    x[0, 0, 0] = 1e300
    assert "x holds 1 NaN or infinite values" in refusal(npz(x=x))


@pytest.mark.parametrize("shape", [(0, 4), (20, 0), (20,), ()])
def test_an_array_without_examples_or_without_events_is_refused(npz, refusal, shape):
    message = refusal(npz(x=np.ones(shape, "float32")))
    assert ("(N, *event_shape)" if 0 not in shape else "is empty") in message
    assert str(shape) in message


@pytest.mark.parametrize(("given", "near"), [("mnst", "mnist"), ("Digits", "digits")])
def test_a_name_that_is_nearly_known_is_told(refusal, given, near):
    message = refusal(given)
    assert "digits" in message
    assert message.endswith(f"did you mean {near}?")


def test_a_name_that_is_like_none_gets_no_guess(refusal):
    assert "did you mean" not in refusal("/nowhere/x.npz")


def test_an_empty_test_split_is_refused(npz, refusal, x):
    assert "x_test is empty" in refusal(npz(x_train=x, x_test=x[:0]))


def test_examples_that_are_all_the_same_are_refused(npz, refusal, x):
    assert "all 30 examples are the same" in refusal(npz(x=np.repeat(x[:1], 30, axis=0)))


def test_one_different_pixel_is_enough_to_learn_from(npz):
    x = np.zeros((20, 4), "float32")
    x[7, 2] = 1
    assert all_values(load_data(npz(x=x))).sum() == 1


def test_too_few_examples_are_refused(npz, refusal, x):
    message = refusal(npz(x=x[:19]))
    assert "19 examples; expected at least 20" in message
    assert "1 test example; expected at least 2" in refusal(npz(x_train=x, x_test=x[:1]))


@pytest.mark.parametrize("dtype", ["complex64", "U1", "S1", "datetime64[s]"])
def test_values_that_are_not_real_numbers_are_refused(npz, refusal, dtype):
    x = np.arange(40).reshape(10, 4).astype(dtype)
    message = refusal(npz(x=x))
    assert str(x.dtype) in message
    assert "expected real numbers" in message


def test_training_and_test_examples_of_different_shapes_are_refused(npz, refusal, x):
    message = refusal(npz(x_train=x, x_test=x[:, :3]))
    assert "(4, 3)" in message
    assert "(3, 3)" in message


@pytest.mark.parametrize("shape", [(29,), (31,), (30, 10), ()])
def test_labels_that_do_not_match_the_examples_are_refused(npz, refusal, x, shape):
    message = refusal(npz(x=x, y=np.zeros(shape, int)))
    assert f"30 examples but labels of shape {shape}" in message


def test_test_labels_that_do_not_match_the_test_examples_are_refused(npz, refusal, x):
    path = npz(x_train=x, y_train=np.zeros(30, int), x_test=x[:5], y_test=np.zeros(4, int))
    assert "5 examples but labels of shape (4,)" in refusal(path)


@pytest.mark.parametrize("label", [0.5, np.nan])
def test_labels_that_are_not_whole_numbers_are_refused(npz, refusal, x, label):
    labels = np.zeros(30)
    labels[4] = label
    assert "labels must be whole numbers or strings" in refusal(npz(x=x, y=labels))


@pytest.mark.parametrize("dtype", ["inf", "complex64", "datetime64[s]"])
def test_labels_that_no_int64_can_hold_are_refused(npz, refusal, x, dtype):
    labels = np.full(30, np.inf) if dtype == "inf" else np.zeros(30).astype(dtype)
    assert "labels must be whole numbers or strings" in refusal(npz(x=x, y=labels))


def test_a_test_label_that_no_training_example_has_is_refused_by_name(npz, refusal, x):
    path = npz(x_train=x, y_train=["cat", "dog"] * 15, x_test=x[:3], y_test=["cat", "fox", "dog"])
    assert "fox" in refusal(path)


def test_uint8_training_images_and_test_images_of_another_dtype_are_refused(npz, refusal):
    x = np.random.default_rng(0).integers(0, 256, (20, 4), dtype="uint8")
    message = refusal(npz(x_train=x, x_test=x.astype("float32")))
    assert "uint8" in message
    assert "float32" in message


# ---- arrays in memory --------------------------------------------------------------------


def test_arrays_in_memory_give_the_dataset_that_their_file_gives(npz, x):
    arrays = {"x": x, "labels": np.arange(30), "x_test": x[:4], "labels_test": np.arange(4)}
    given = from_arrays(**arrays, class_names=("a", "b"), name="mine")
    loaded = load_data(
        npz(x_train=x, y_train=np.arange(30), x_test=x[:4], y_test=np.arange(4)),
    )
    assert (given.name, given.class_names) == ("mine", ("a", "b"))
    for name, split in loaded.splits.items():
        np.testing.assert_array_equal(given.splits[name].x, split.x)
        np.testing.assert_array_equal(given.splits[name].labels, split.labels)


def test_arrays_in_memory_are_neither_changed_nor_shared(x):
    before = x.copy()
    dataset = from_arrays(x, x_test=x)
    for split in dataset.splits.values():
        split.x[:] = -1
    np.testing.assert_array_equal(x, before)


def test_arrays_in_memory_are_refused_as_those_of_files_are(x):
    x[0, 0, 0] = np.nan
    with pytest.raises(DataError, match="arrays in memory: x holds 1 NaN"):
        from_arrays(x)


@pytest.mark.parametrize(
    "of", [lambda x: x, list, tf.constant, lambda x: pd.DataFrame(x), sparse.csr_matrix]
)
def test_load_data_takes_what_holds_numbers_as_from_arrays_does(of):
    x = np.random.default_rng(0).random((30, 4)).astype("float32")
    expected = from_arrays(x)
    for name, split in load_data(of(x)).splits.items():
        np.testing.assert_array_equal(split.x, expected.splits[name].x)


@pytest.mark.parametrize("options", [{"stream": True}, {"size": 8}, {"gray": True}])
def test_options_for_files_are_refused_for_arrays_by_name(npz, x, options):
    (option,) = options
    with pytest.raises(DataError, match=option):
        load_data(x, **options)
    if option != "stream":
        with pytest.raises(DataError, match=option):
            load_data(npz(x=x), **options)


def test_strings_in_an_object_array_name_the_classes(x):
    dataset = from_arrays(x, labels=np.array(["cat", "dog"] * 15, dtype=object))
    assert dataset.class_names == ("cat", "dog")


def test_binary_uint8_is_not_scaled_and_gray_levels_are_in_both_splits():
    binary = np.random.default_rng(0).integers(0, 2, (40, 4), dtype="uint8")
    np.testing.assert_array_equal(np.unique(from_arrays(binary).train.x), [0, 1])
    dataset = from_arrays(255 * binary, x_test=binary[:5])  # a dark test split is still 8-bit
    assert dataset.train.x.max() == 1
    assert dataset.test.x.max() == np.float32(1 / 255)


def test_values_whose_squares_overflow_are_refused(x):
    x[3, 1, 1] = 1e25
    with pytest.raises(DataError, match=r"values up to 1e\+25, whose squares overflow float32"):
        from_arrays(x)


# ---- masks and conditions ----------------------------------------------------------------


@pytest.mark.parametrize("own", [(), ("test",), ("validation", "test")])
def test_masks_and_conditions_are_split_by_the_rows_of_x(own):
    def given(first, count):
        rows = first + np.arange(count, dtype="float32")[:, None] + 1
        mask = (rows + np.arange(3)) % 3 > 0
        return {"x": np.where(mask, rows, np.nan), "mask": mask, "condition": 10 * rows}

    splits = {f"x_{split}": given(100, 6) for split in own}
    dataset = from_arrays(given(0, 60), **splits) if own else load_data(given(0, 60))
    for split in dataset.splits.values():
        number = split.condition / 10
        assert split.mask.dtype == split.condition.dtype == split.x.dtype == "float32"
        np.testing.assert_array_equal(split.mask, (number + np.arange(3)) % 3 > 0)
        np.testing.assert_array_equal(split.x, number * split.mask)
    assert sum(len(split) for split in dataset.splits.values()) == 60 + 6 * len(own)


def test_a_mask_moves_its_channels_with_x():
    x = np.random.default_rng(0).random((30, 3, 5, 6))
    mask = x > 0.3
    dataset = load_data({"x": x, "mask": mask}, channels="first")
    assert dataset.train.mask.shape[1:] == dataset.event_shape == (5, 6, 3)
    np.testing.assert_array_equal(dataset.test.mask, np.moveaxis(mask, 1, -1)[dataset.test.rows])


@pytest.mark.parametrize("part", ["mask", "condition"])
@pytest.mark.parametrize("is_other", [False, True])
def test_splits_must_have_the_same_parts(part, is_other):
    x, test = numbered(40, 3) + 1, numbered(5, 3)
    of = {"mask": np.ones_like, "condition": lambda x: x}[part]
    theirs = {"x": test, "condition": test[:, :2]} if is_other else test
    with pytest.raises(DataError, match=f"the {part} of training examples is of shape|condition"):
        from_arrays({"x": x, part: of(x)}, x_test=theirs)
