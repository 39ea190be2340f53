"""Dates and times as days since 1970-01-01, and back."""

import numpy as np
import pandas as pd

from keras_vae.errors import DataError, first_line

__all__ = ["WHOLE_DAYS", "date_form", "days_of", "from_days", "is_day_or_month", "parse_dates"]

# In the format codes of strftime. The year first is ISO 8601; the day before the month, or behind
# it, is told apart by a day above 12.
FORMS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%b %d %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%m/%d/%y",
    "%d-%b-%y",
    "%Y-%m",
)
WHOLE_DAYS = "%Y-%m-%d"  # the form of times that are all midnight
DAY = np.timedelta64(86_400_000_000, "us")
LOOKED_AT = 100  # texts that a form must fit before all are read


def date_form(texts: pd.Series) -> str | None:
    """The first of `FORMS` that fits all texts; None if none does.

    Args:
        texts: (N,) str without gaps.
    """
    if not texts.str.contains(r"\d").all() or not texts.str.len().between(6, 40).all():
        return None
    for form in FORMS:
        if all(not np.isnan(parse_dates(part, form)).any() for part in (texts[:LOOKED_AT], texts)):
            # a day is drawn as one where all times are midnight
            is_whole = "%H:%M:%S" in form and (parse_dates(texts, form) % 1 == 0).all()
            return form.replace("%H:%M:%S", "00:00:00") if is_whole else form
    return None


def is_day_or_month(texts: pd.Series, form: str) -> bool:
    """Whether the day and the month could as well be read the other way round."""
    other = form.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    return other in FORMS and other != form and not np.isnan(parse_dates(texts, other)).any()


def parse_dates(texts: pd.Series, form: str) -> np.ndarray:
    """Texts as days, float64 (N,); NaN where they are no date of this form.

    Raises:
        DataError: if it is no form.
    """
    try:
        return days_of(pd.to_datetime(texts, format=form, errors="coerce", utc=True))
    except ValueError as error:
        raise DataError(f"form {form!r}: {first_line(error)}; expected such as %Y-%m-%d") from error


def days_of(times: pd.Series) -> np.ndarray:
    """Days since 1970-01-01 UTC, float64 (N,); NaN at gaps."""
    if times.dt.tz is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    stamps = times.to_numpy("datetime64[us]")
    return (stamps - np.datetime64(0, "us")) / DAY


def from_days(days: np.ndarray, form: str, dtype: str) -> pd.Series:
    """Days as the source stores them.

    Args:
        days: (N,) float, NaN at gaps.
        form: how texts, or whole numbers, spell a date; `""` for dates that are stored as such.
        dtype: of the source.
    """
    days = np.asarray(days, "float64")
    # of what the form shows last, a whole number: a text is cut, not rounded
    for code, parts in (("%f", None), ("%S", 86_400), ("%M", 1440), ("%H", 24), ("", 1)):
        if form and code in form:
            days = days if parts is None else np.round(days * parts) / parts
            break
    missing = np.isnan(days)
    passed = np.where(missing, 0, np.round(days * 86_400e6)).astype("timedelta64[us]")
    stamps = np.datetime64(0, "us") + passed
    times = pd.Series(stamps).mask(missing)
    if not form or dtype.startswith("datetime64"):
        return times.dt.tz_localize("UTC").astype(dtype) if "," in dtype else times.astype(dtype)
    texts = (times.dt.tz_localize("UTC") if "%z" in form else times).dt.strftime(form)
    return texts if not dtype.lower().startswith("int") else pd.to_numeric(texts).astype(dtype)
