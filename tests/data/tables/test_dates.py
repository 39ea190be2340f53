import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.dates import date_form, days_of, from_days, is_day_or_month, parse_dates

SPELLED = {
    "%Y-%m-%d": (["1970-01-02", "1969-12-31", "2000-02-29"], [1, -1, 11016]),
    "%d.%m.%Y": (["02.01.1970", "31.12.1969"], [1, -1]),
    "%m/%d/%Y": (["01/02/1970", "12/31/1969"], [1, -1]),
    "%d/%m/%Y": (["02/01/1970", "31/12/1969"], [1, -1]),
    "%Y-%m-%dT%H:%M:%S": (["1970-01-01T12:00:00", "1970-01-02T06:00:00"], [0.5, 1.25]),
    "%b %d %Y": (["Jan 02 1970", "Dec 31 1969"], [1, -1]),
    "%Y-%m": (["1970-02", "1971-01"], [31, 365]),
}


@pytest.mark.parametrize("form", SPELLED)
def test_dates_become_days_and_are_spelled_again(form):
    texts, days = SPELLED[form]
    assert date_form(pd.Series(texts)) == form
    assert parse_dates(pd.Series(texts), form).tolist() == days
    assert from_days(np.array(days), form, "str").tolist() == texts


@pytest.mark.parametrize("texts", [["abc"], ["12"], ["2020-01-01", "soon"], ["2020-13-01"]])
def test_other_texts_are_no_dates(texts):
    assert date_form(pd.Series(texts)) is None


def test_day_and_month_can_be_told_apart_by_a_day_above_12_only():
    assert is_day_or_month(pd.Series(["1/2/2020", "3/4/2020"]), "%m/%d/%Y")
    assert not is_day_or_month(pd.Series(["1/2/2020", "3/14/2020"]), "%m/%d/%Y")


def test_times_of_any_zone_are_those_of_utc_and_come_back_in_their_zone():
    times = pd.Series(pd.to_datetime(["1970-01-01 12:00", None])).dt.tz_localize("Asia/Tokyo")
    days = days_of(times)
    assert days[0] == 3 / 24
    assert np.isnan(days[1])
    pd.testing.assert_series_equal(from_days(days, "", str(times.dtype)), times)


def test_a_time_is_rounded_to_what_its_spelling_shows():
    texts = pd.Series(["1969-10-30 14:00:00", "1970-01-03 23:59:59"])
    form = "%Y-%m-%d %H:%M:%S"
    days = parse_dates(texts, form).astype("float32")
    assert from_days(days, form, "str").tolist() == texts.tolist()
    assert from_days(days, "%Y-%m-%d %H:%M", "str")[1] == "1970-01-04 00:00"


def test_times_that_are_all_midnight_come_back_as_whole_days():
    days = pd.Series(["2020-01-01 00:00:00", "2020-01-03 00:00:00"])
    form = date_form(days)
    drawn = parse_dates(days, form) + 0.3
    assert from_days(drawn, form, "str").tolist() == days.tolist()
    assert date_form(days.replace("03 00", "03 01", regex=True)) == "%Y-%m-%d %H:%M:%S"


def test_a_gap_stays_one_and_drawn_days_are_whole_where_the_source_has_no_time():
    cells = from_days(np.array([1.2, np.nan]), "%Y-%m-%d", "str")
    assert cells[0] == "1970-01-02"
    assert pd.isna(cells[1])
    assert from_days(np.array([18262.4]), "%Y%m%d", "int64").tolist() == [20200101]
