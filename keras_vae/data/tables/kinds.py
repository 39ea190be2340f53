"""The rules by which a column is of a kind: its cells in, kind and reason out."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from keras_vae.data.tables.cells import Cells
from keras_vae.data.tables.column import LARGEST_CATEGORIES
from keras_vae.data.tables.dates import is_day_or_month
from keras_vae.data.tables.numbers import parse_numbers
from keras_vae.data.tables.numbers_seen import COARSE, Numbers, float32_step, numbers_seen
from keras_vae.data.tables.orders import in_order

__all__ = ["kind_of"]

ID_NAME = re.compile(
    r"(?:^|[_\s.-])(?:[iI][dD]|uuid|guid|UUID|GUID)$|[a-z](?:Id|ID)$|^[iI][dD][_\s.-]"
    r"|^(?:index|row|rownames?|rowid|(?:[sS]ubject|[pP]atient|[pP]articipant|[iI]ndividual)"
    r"(?:[_\s.-]?(?:[nN]o|[nN]r|[nN]umber|[cC]ode))?)$",
    flags=re.ASCII,
)
HEXADECIMAL = r"(?i)[0-9a-f-]{8,}"
FEW = 10  # numbers of no more values than this are levels, if each has rows enough
ROWS_A_VALUE = 5  # fewer rows than this are too few to learn a value by
MOST_LEVELS = 31  # days of a month: of a scale from 0 or 1 without a hole, with twice the rows
NEAR_ZERO = 10  # where counts begin
LARGEST_COUNT = 2**24  # up to which float32 holds every whole number
LOG_GAIN = 0.05  # nats a value, from which on a logarithm is worth it

Answer = tuple[str, str]


def kind_of(name: str, cells: Cells) -> Answer:
    """(kind, reason) of a column.

    Args:
        name: its header.
        cells: `Cells` of all rows.
    """
    count, different = len(cells.observed), 0
    if not count:
        return "constant", "all cells are empty"
    if cells.sort not in ("number", "date", "text", "bool"):
        return "ignored", f"holds values of type {cells.sort}, for which there is no likelihood"
    different = cells.observed.nunique()
    if different == 1:
        gaps = int(cells.missing.sum())
        told = f" or nothing ({gaps} gaps): if a gap is a no, write it" if gaps else ""
        return "constant", f"all rows hold {cells.observed.iloc[0]}{told}"
    if cells.levels:
        return _limited("ordinal", f"an ordered category of {different} values", different)
    if cells.sort == "bool":
        return "binary", "True or False"
    if cells.sort == "date":
        return _of_dates(cells)
    if cells.sort == "text":
        return _of_text(name, cells.observed, different)
    if cells.values is None or not np.isfinite(cells.values).any():
        return "ignored", "holds infinite values alone"
    infinite = int(np.isinf(cells.values).sum())
    if infinite:
        return "real", (
            f"numbers, {infinite} of them infinite, which no likelihood can describe: leave those "
            f"cells empty, or ignore the column"
        )
    kind, reason = _of_numbers(name, cells, numbers_seen(cells))
    return kind, reason + _code_for_gap(cells)


def _of_dates(cells: Cells) -> Answer:
    assert cells.values is not None
    days = cells.values[~cells.missing]
    if float32_step(days) > COARSE:
        return "ignored", (
            "times that lie too close to each other for float32, as days since 1970: give it as a "
            "number, since a day of its own"
        )
    if not cells.form:
        error = np.abs(days.astype("float32") - days).max() * 86_400
        return "date", "dates" + (f"; times to {error:.0f} s, in float32" if error > 1 else "")
    is_guess = "/" in cells.form and is_day_or_month(cells.observed, cells.form)
    told = "; day and month could be the other way round: a guess" if is_guess else ""
    return "date", f"dates spelled {cells.form}{told}"


def _of_text(name: str, texts: pd.Series, different: int) -> Answer:
    count = len(texts)
    rows = count / different
    if different == count and count > 2:
        what = "hexadecimal texts" if texts.str.fullmatch(HEXADECIMAL).all() else "texts"
        told = f"{count} different {what}, one for each row"
        return "identifier", told + _text_among_numbers(texts)
    if ID_NAME.search(name) and different > FEW:
        return "identifier", _told_group(different, rows)
    if different == 2:
        return "binary", "two values"
    if rows >= ROWS_A_VALUE or (different <= FEW and rows >= 2):
        told = f"{different} texts, {rows:.3g} rows each on average"
        if in_order(list(texts.unique())):
            return "ordinal", f"{told}, with an order: a guess"
        return _limited("categorical", told, different)
    kind = "identifier" if different >= 0.9 * count else "ignored"
    return kind, (
        f"{different} texts in {count} rows: too few rows for each to learn it by"
        + _text_among_numbers(texts)
    )


def _text_among_numbers(texts: pd.Series) -> str:
    """What to say of a column that would be one of numbers, but for a few cells."""
    is_number = ~np.isnan(parse_numbers(texts.str.strip(), ""))
    if is_number.mean() < 0.5:
        return ""
    if is_number.all():
        return "; codes, because some begin with 0"
    return (
        f"; {is_number.sum()} are numbers, but {texts[~is_number].iloc[0]!r} is not: correct the "
        f"table, or name it in gaps"
    )


def _limited(kind: str, reason: str, different: int) -> Answer:
    if different > LARGEST_CATEGORIES:
        return "ignored", f"{reason}: more than {LARGEST_CATEGORIES} categories"
    return kind, reason


def _told_group(different: int, rows: float) -> str:
    return (
        f"by its name it numbers {different} things, {rows:.3g} rows each: as --split-by it keeps "
        f"their rows together"
    )


def _of_numbers(name: str, cells: Cells, seen: Numbers) -> Answer:
    rules: tuple[Callable[[str, Cells, Numbers], Answer | None], ...] = (
        _number_of_row,
        _not_in_float32,
        _number_of_thing,
        _two_values,
        _levels,
        _count,
    )
    for rule in rules:
        answer = rule(name, cells, seen)
        if answer is not None:
            return answer
    return _real(seen)


def _number_of_row(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    if not seen.is_distinct or seen.count < 3:
        return None
    if seen.is_whole and seen.high - seen.low == seen.count - 1:
        return "identifier", f"each whole number from {seen.low:g} to {seen.high:g} once"
    if seen.is_in_steps and not cells.missing.any() and seen.count >= 2 * FEW:
        return "identifier", "rises in equal steps from row to row, as a time or a number does"
    if seen.is_whole and ID_NAME.search(name):
        return "identifier", f"by its name, and {seen.count} different whole numbers"
    return None


def _not_in_float32(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    is_number_of_thing = seen.is_whole and seen.different > 0.9 * seen.count
    if is_number_of_thing and seen.high > 2**53:
        return "identifier", f"{seen.different} whole numbers of more than 15 digits"
    if seen.step <= COARSE:
        return None
    told = f"steps of float32 there are {seen.step:.2g} of its standard deviation"
    if is_number_of_thing:
        return "identifier", told
    return "ignored", f"{told}: subtract a constant, such as {seen.low:.9g}, to model it"


def _number_of_thing(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    if not (seen.is_whole and seen.different > FEW and ID_NAME.search(name)):
        return None
    return "identifier", _told_group(seen.different, seen.count / seen.different)


def _two_values(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    return ("binary", "two values") if seen.different == 2 else None


def _levels(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    """Few numbers that many rows share; those that fall from 0 are counts."""
    rows = seen.count / seen.different
    is_few = seen.different <= FEW and rows >= ROWS_A_VALUE
    is_scale = (
        seen.is_whole
        and 0 <= seen.low <= 1
        and seen.different == seen.high - seen.low + 1 <= MOST_LEVELS
        and rows >= 2 * ROWS_A_VALUE
    )
    if not (is_few or is_scale) or _falls_from_0(seen):
        return None
    told = f"{seen.different} {'whole numbers' if seen.is_whole else 'numbers'}"
    return "ordinal", (
        f"{told} from {seen.low:g} to {seen.high:g}, {rows:.3g} rows each on average: a guess; "
        f"categorical if they are names"
    )


def _falls_from_0(seen: Numbers) -> bool:
    """Whether they are most often 0 and rarely many, as counts of a few are and scales are not."""
    is_rare = seen.mean < 0.35 * seen.high
    return seen.is_whole and seen.low == 0 and is_rare and seen.different > 3 + (seen.mode > 0)


def _count(name: str, cells: Cells, seen: Numbers) -> Answer | None:
    """Whole numbers from near 0 that spread as counts do: skewed, or about as their mean."""
    begins = seen.is_whole and 0 <= seen.low <= NEAR_ZERO and seen.high <= LARGEST_COUNT
    ratio = seen.variance / seen.mean
    is_poisson = 0.7 < ratio < 1.5 and seen.low < seen.mean / 3 and seen.skewness > -0.2
    if not begins or not (is_poisson or (ratio > 0.7 and seen.skewness > 0.5)):
        return None
    return "count", (
        f"whole numbers from {seen.low:g} to {seen.high:g}, mean {seen.mean:.3g}, variance "
        f"{seen.variance:.3g}: a guess; positive or real if they are measured"
    )


def _real(seen: Numbers) -> Answer:
    span = f"{seen.low:.4g} to {seen.high:.4g}"
    told = "" if seen.high <= LARGEST_COUNT else ", of 7 digits in float32"
    if seen.log_gain is None:
        return "real", f"{span}{told}{seen.piled}"
    better = "better" if seen.log_gain > 0 else "worse"
    reason = (
        f"{span}{told}; a log-normal fits {better} than a normal by {abs(seen.log_gain):.2g} nats "
        f"a value{seen.piled}"
    )
    return ("positive" if seen.log_gain > LOG_GAIN else "real"), reason


CODES = (-9, -99, -999, -9999, 99, 999, 9999, 99999)


def _code_for_gap(cells: Cells) -> str:
    """What to warn of where a number far from all others may mean a gap."""
    assert cells.values is not None
    values = cells.values[np.isfinite(cells.values)]
    for code in CODES:
        others = values[values != code]
        times = len(values) - len(others)
        if times < 2 or len(others) < 2:
            continue
        reach = max(np.ptp(others), 1e-9)
        is_far = code < others.min() - reach if code < 0 else code > others.max() + 2 * reach
        is_negative_alone = code < 0 <= others.min()
        if is_far or is_negative_alone:
            return f"; {code} ({times} times) looks like a code for a gap: gaps = [{code}] says so"
    return ""
