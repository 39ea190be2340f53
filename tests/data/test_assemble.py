import numpy as np
import pytest

from keras_vae.data.assemble import assemble
from keras_vae.data.sources.source import Source
from keras_vae.errors import DataError


def numbered(first, count):
    return np.repeat(np.arange(first, first + count, dtype="float32")[:, None], 3, axis=1)


@pytest.mark.parametrize(
    ("own", "sizes"),
    [
        ((), (80, 10, 10)),
        (("validation",), (90, 7, 10)),
        (("test",), (90, 10, 5)),
        (("validation", "test"), (100, 7, 5)),
    ],
)
def test_a_split_of_the_sources_own_is_kept_and_the_others_are_cut(own, sizes):
    arrays = {"validation": numbered(1000, 7), "test": numbered(2000, 5)}
    labels = {split: x[:, 0] for split, x in arrays.items()}
    x = numbered(0, 100)
    source = Source(
        x,
        x[:, 0],
        **{f"x_{split}": arrays[split] for split in own},
        **{f"labels_{split}": labels[split] for split in own},
    )
    dataset = assemble("mine", source)
    assert tuple(len(examples) for examples in dataset.splits.values()) == sizes
    for split in own:
        np.testing.assert_array_equal(dataset.splits[split].x, arrays[split])
    cut = [examples for split, examples in dataset.splits.items() if split not in own]
    assert sorted(np.concatenate([examples.x[:, 0] for examples in cut])) == list(range(100))
    for examples in dataset.splits.values():
        np.testing.assert_array_equal(examples.labels, examples.x[:, 0])


def test_few_training_examples_are_enough_where_nothing_is_cut_of_them():
    x = numbered(0, 19)
    dataset = assemble("mine", Source(x, x_validation=x[:2], x_test=x[:2]))
    assert len(dataset.train) == 19
    for own in ({}, {"x_validation": x[:2]}, {"x_test": x[:2]}):
        with pytest.raises(DataError, match="19 examples; expected at least 20"):
            assemble("mine", Source(x, **own))
    with pytest.raises(DataError, match="1 examples; expected at least 2"):
        assemble("mine", Source(x[:1], x_validation=x[:2], x_test=x[:2]))


def test_examples_that_reading_made_equal_are_refused_with_what_it_did():
    source = Source(np.zeros((30, 3), "float32"), reading=("transparent pixels on black",))
    with pytest.raises(DataError, match=r"as they were read .*pixels on black"):
        assemble("mine", source)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_that_does_not_fit_is_refused_by_name(split):
    x = numbered(0, 100)
    with pytest.raises(DataError, match=rf"{split} examples \(2,\); they must be equal"):
        assemble("mine", Source(x, **{f"x_{split}": x[:5, :2]}))
    with pytest.raises(DataError, match=f"1 {split} example; expected at least 2"):
        assemble("mine", Source(x, **{f"x_{split}": x[:1]}))


def test_what_a_source_says_of_itself_reaches_the_dataset():
    levels = np.random.default_rng(0).integers(0, 256, (30, 4), dtype="uint8")
    dataset = assemble("mine", Source(levels, reading=("turned",), warnings=("cut",)))
    assert dataset.reading == ("turned", "uint8 divided by 255")
    assert dataset.warnings[0] == "cut"
    assert "divided by 255" in dataset.warnings[1]
    known = assemble("mine", Source(levels, is_known=True))
    assert (known.reading, known.warnings) == (("uint8 divided by 255",), ())
