import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import infer_schema
from keras_vae.errors import DataError

FRAME = pd.DataFrame(
    {
        "size": ["S", "M", "L", "M"] * 10,
        "won": ["Yes", "No"] * 20,
        "group": [*range(20), *range(20)],
        "fence": ["NA", "wood", "wire", "NA"] * 10,
        "kind": [1, 2, 3, 1] * 10,
        "x": [0.5, -999, 1.25, 7.5] * 10,
        "word": ["c", "a", "b", "a"] * 10,
    }
)


def column(name, **correction):
    corrections = [{"name": name, **correction}] if correction else None
    return infer_schema(FRAME, corrections)[name]


def test_a_no_comes_before_a_yes_and_a_scale_is_in_its_order():
    assert column("won").categories == ("No", "Yes")
    assert (column("size").kind, column("size").categories) == ("ordinal", ("S", "M", "L"))


def test_the_order_of_a_category_of_pandas_stands_above_that_of_a_known_scale():
    sizes = pd.Categorical(["S", "M", "L", "M"] * 10, ["L", "M", "S"], ordered=True)
    assert infer_schema(FRAME.assign(size=sizes))["size"].categories == ("L", "M", "S")


def test_a_column_that_is_ignored_twice_is_ignored():
    assert infer_schema(FRAME, ignore=["x", "x"])["x"].kind == "ignored"


def test_corrections_override_kind_order_and_gaps():
    assert column("kind").kind == "ordinal"
    assert column("kind", kind="categorical").categories == (1, 2, 3)
    assert column("size", categories=["L", "M", "S", "XS"]).categories == ("L", "M", "S", "XS")
    cleaned = column("x", gaps=[-999], kind="positive")
    assert (cleaned.kind, cleaned.gaps) == ("positive", (-999,))
    assert infer_schema(FRAME, infer_schema(FRAME)) == infer_schema(FRAME)


def test_a_text_that_looks_like_a_gap_is_told_and_can_be_a_category():
    assert column("fence").categories == ("wire", "wood")
    assert "'NA' (20 times)" in column("fence").reason
    kept = column("fence", kind="categorical", categories=["NA", "wire", "wood"])
    assert kept.categories == ("NA", "wire", "wood")
    x, mask = infer_schema(FRAME, [kept.to_dict()]).encode(FRAME)
    assert mask.all()
    assert x[0, 3] == 0


def test_columns_have_the_tasks_that_they_are_given():
    schema = infer_schema(FRAME, None, "won", ["x"], split_by="group")
    kinds = {name: schema[name].kind for name in ("won", "x", "group")}
    assert kinds == {"won": "label", "x": "ignored", "group": "group"}
    assert schema["won"].categories == ("No", "Yes")
    assert [c.name for c in schema.modelled] == ["size", "fence", "kind", "word"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label_column": "wom"}, "no column 'wom'; the table has size, won"),
        ({"corrections": [{"name": "y", "kind": "real"}]}, "no column 'y'"),
        ({"label_column": "won", "ignore": ["won"]}, "both ignored and label"),
        ({"corrections": [{"name": "size", "categories": ["S", "M"]}]}, "lack 'L'"),
        ({"corrections": [{"name": "size", "kind": "binary"}]}, "3 values"),
        ({"corrections": [{"name": "size", "kind": "words"}]}, "'words'"),
        ({"corrections": [{"name": "word", "kind": "ordinal"}]}, "order of a, b, c is not known"),
        ({"corrections": [{"name": "word", "kind": "real", "dtype": "str"}]}, "'word'"),
        ({"corrections": [{"name": "x", "kind": "real", "dtype": "int64"}]}, "'x': dtype"),
        ({"corrections": [{"name": "word", "form": "kg"}]}, "column 'word': form 'kg'"),
        ({"label_column": "x"}, "0.5"),
        ({"ignore": list(FRAME)}, "no column is left"),
    ],
)
def test_what_cannot_hold_is_refused_by_name(options, words):
    with pytest.raises(DataError) as caught:
        infer_schema(FRAME, **options)
    assert words in str(caught.value)


def test_if_no_column_is_left_the_reason_of_the_first_is_told():
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(1e6, 3, 60), "b": 1})
    with pytest.raises(
        DataError, match=r"a is ignored, b is constant.*Of a: .*subtract a constant"
    ):
        infer_schema(frame)


@pytest.mark.parametrize("dtype", ["datetime64[us]", "datetime64[ns, UTC]", object])
def test_days_without_a_time_come_back_as_whole_days(dtype):
    order = np.random.default_rng(0).permutation(40)
    days = pd.Series(pd.date_range("2020-01-01", periods=40, freq="7D")[order])
    if dtype is object:
        days = pd.Series([day.date() for day in days], dtype=object)
    else:
        days = days.dt.tz_localize("UTC").astype(dtype) if "," in dtype else days.astype(dtype)
    schema = infer_schema(pd.DataFrame({"day": days, "a": np.sin(np.arange(40))}))
    x, _ = schema.encode(pd.DataFrame({"day": days, "a": 0.5}))
    drawn = schema.decode(x + 0.4)["day"]
    assert drawn.tolist() == pd.to_datetime(days).tolist()
    assert schema.encode(pd.DataFrame({"day": ["2020-03-01"], "a": 0.5}))[0][0, 0] == 18322
    timed = pd.DataFrame({"day": pd.to_datetime(days) + pd.Timedelta("6h"), "a": 0.5})
    assert infer_schema(timed.assign(a=np.sin(np.arange(40))))["day"].form == ""


def test_gaps_are_counted_in_the_reason():
    frame = pd.DataFrame({"x": [1.5, None, 2.5, None] * 10, "y": np.arange(40.0) / 7})
    x, y = infer_schema(frame).columns
    assert x.reason.endswith("; 20 gaps")
    assert "gap" not in y.reason
