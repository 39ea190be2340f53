import numpy as np
import pandas as pd
import pytest

from keras_vae.data import load_data
from keras_vae.errors import DataError

RNG = np.random.default_rng(0)
N, WINDOW, STRIDE = 400, 8, 4
TIMES = RNG.permutation(N)
FRAME = pd.DataFrame(
    {
        "level": np.sin(TIMES / 9) + RNG.normal(0, 0.1, N),
        "calls": RNG.poisson(9 + TIMES / 40),
        "state": np.where(TIMES // 7 % 2, "on", "off"),
        "time": TIMES,
    }
)
FRAME.loc[3, "level"] = np.nan
CUT = {"window": WINDOW, "stride": STRIDE}


@pytest.fixture(scope="module")
def dataset():
    return load_data(FRAME, split_order="time", **CUT)


def window_at(row):
    """The rows that a window is made of, by pandas alone."""
    time = FRAME["time"][row]
    return FRAME.sort_values("time").set_index("time").loc[time : time + WINDOW - 1]


def test_an_example_is_the_rows_of_a_window_step_by_step_and_a_gap_is_masked(dataset):
    for examples in dataset.splits.values():
        for row, x, mask in zip(examples.rows, examples.x, examples.mask, strict=True):
            rows = window_at(row)
            expected = np.stack([rows["level"], rows["calls"], rows["state"] == "on"], 1)
            np.testing.assert_array_equal(
                mask.reshape(WINDOW, 3) == 0, np.isnan(expected.astype(float))
            )
            np.testing.assert_allclose(
                x.reshape(WINDOW, 3), np.nan_to_num(expected.astype("float32")), rtol=1e-6
            )
    assert sum((examples.mask == 0).sum() for examples in dataset.splits.values()) in (1, 2)
    names = [column.name for column in dataset.schema.modelled]
    assert names[:4] == ["level[0]", "calls[0]", "state[0]", "level[1]"]
    assert len(names) == 3 * WINDOW


def times_in(examples):
    return (FRAME["time"].to_numpy()[examples.rows][:, None] + np.arange(WINDOW)).ravel()


def test_windows_are_cut_after_the_split_and_a_window_lies_between_splits(dataset):
    train, validation, test = (times_in(examples) for examples in dataset.splits.values())
    assert WINDOW <= validation.min() - train.max() < WINDOW + 2 * STRIDE
    assert test.min() - validation.max() >= WINDOW
    assert test.min() == 360
    # a tenth of the rows each, what is left out between them not counted
    assert validation.max() - validation.min() >= 40 - 2 * STRIDE
    protocol = dataset.protocol("test")
    assert "windows of 8 rows, one every 4, cut after the split" in protocol
    assert "14 rows left out" in protocol
    assert "windows share rows" in protocol
    assert "time" in protocol


def test_windows_of_several_series_stay_in_them_and_those_in_one_split():
    frame = FRAME.assign(sensor=FRAME["time"] // 25)
    short = pd.DataFrame({"level": [1.5] * 3, "calls": 9, "state": "on", "time": [1, 2, 3]})
    frame = pd.concat([frame, short.assign(sensor=99)], ignore_index=True)
    found = load_data(frame, split_by="sensor", split_order="time", **CUT)
    sensors = {}
    for name, examples in found.splits.items():
        sensors[name] = set(frame["sensor"][examples.rows])
        for row, mask in zip(examples.rows, examples.mask, strict=True):
            of_sensor = frame["sensor"][row]
            if of_sensor == 99:
                assert mask.reshape(WINDOW, 3).sum(axis=1).tolist() == [3] * 3 + [0] * 5
            else:
                assert frame["time"][row] % 25 <= 25 - WINDOW
    assert not sensors["train"] & (sensors["validation"] | sensors["test"])
    assert not sensors["validation"] & sensors["test"]
    assert 99 in set.union(*sensors.values())
    assert any("1 series" in line and "padded" in line for line in found.warnings)
    assert "windows of 8 rows" in found.protocol("test")
    assert "left out" not in found.protocol("test")


@pytest.mark.parametrize("ending", [".npy", ".npz", "array", "list"])
def test_an_array_is_a_series_in_the_order_of_its_rows(ending, tmp_path):
    x = np.cumsum(RNG.normal(size=(300, 2)), axis=0)
    x[5, 1] = np.nan
    data = {"array": x, "list": x.tolist()}.get(ending, tmp_path / f"series{ending}")
    if ending == ".npy":
        np.save(data, x)
    if ending == ".npz":
        np.savez(data, x=x)
    found = load_data(data, window=10)
    assert len(found.train) == (300 - 30 - 9 - 30 - 9) // 10
    for examples in found.splits.values():
        for row, values in zip(examples.rows, examples.x, strict=True):
            expected = np.nan_to_num(x[row : row + 10].astype("float32"))
            np.testing.assert_array_equal(values.reshape(10, 2), expected)
    assert found.test.rows.min() == 270
    assert [column.name for column in found.schema.modelled[:3]] == ["0[0]", "1[0]", "0[1]"]


def test_rows_that_name_their_split_are_cut_in_order_too():
    parts = np.select([FRAME["time"] < 100, FRAME["time"] < 200], ["test", "val"], "train")
    found = load_data(FRAME.assign(part=parts), split_column="part", split_order="time", **CUT)
    train, validation, test = (times_in(examples) for examples in found.splits.values())
    assert test.max() < 100
    assert 200 + WINDOW - 1 <= train.min() < 200 + WINDOW - 1 + STRIDE
    assert 100 + WINDOW - 1 <= validation.min() < 100 + WINDOW - 1 + STRIDE
    assert validation.max() < 200


def test_a_label_and_a_condition_are_those_of_a_window():
    frame = FRAME.assign(sensor=FRAME["time"] // 25, city=np.where(FRAME["time"] < 200, "a", "b"))
    found = load_data(frame, split_by="sensor", split_order="time", label_column="city", **CUT)
    for examples in found.splits.values():
        assert (examples.labels == (frame["city"] == "b")[examples.rows]).all()
    with pytest.raises(DataError, match=r"column 'state': rows .* of one window hold"):
        load_data(frame, split_by="sensor", split_order="time", condition=["state"], **CUT)


def test_holes_in_time_are_told():
    times = FRAME["time"].where(FRAME["time"] < 200, FRAME["time"] + 30)
    [line] = load_data(FRAME.assign(time=times), split_order="time", **CUT).warnings
    assert line.startswith("by default, a row is a step: 1 rows come later")


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (FRAME, CUT, "--split-order"),
        (FRAME, {"stride": 3, "split_order": "time"}, "stride: is for windows"),
        (FRAME, {"window": 8, "stride": 0, "split_order": "time"}, "stride=0"),
        (FRAME, {"window": 39, "split_order": "time"}, "the validation split has 78 rows"),
        (FRAME, {"window": 500, "split_order": "time"}, "longest series has 400 rows"),
        (np.zeros((4, 3, 2)), {"window": 2}, "expected numbers (time, channels)"),
        ("mnist5k", {"window": 2}, "--window: mnist5k is not a series"),
    ],
)
def test_what_is_no_series_is_refused_in_one_line(data, options, words):
    with pytest.raises(DataError) as caught:
        load_data(data, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_archive_with_splits_of_its_own_is_no_series(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=np.zeros((90, 2)), x_test=np.zeros((30, 2)))
    with pytest.raises(DataError, match=r"a.npz: holds x_train, x_test; a series is one array"):
        load_data(tmp_path / "a.npz", window=4)
