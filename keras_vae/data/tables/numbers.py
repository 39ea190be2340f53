"""Numbers that are spelled as text: "1,234", "$5.50", "12 %", "3,14"."""

import re

import numpy as np
import pandas as pd

from keras_vae.errors import DataError

__all__ = ["number_form", "parse_numbers", "spell_numbers"]

# How a form writes the number itself: what divides thousands and decimals.
STYLES = {"1,234.5": (",", "."), "1.234,5": (".", ","), "1234,5": ("", ","), "1234.5": ("", ".")}
# A currency before, a unit behind; letters before digits are a code, such as "A12".
AFFIXES = re.compile(r"^([$€£¥]?\s?)([-+]?[\d.,]*\d[\d.,]*)(\s?[^\d\s.,+-]{0,8})$")
PATTERNS = {
    "1,234.5": r"[-+]?(\d{1,3}(,\d{3})+|\d{1,3})(\.\d*)?",
    "1.234,5": r"[-+]?(\d{1,3}(\.\d{3})+|\d{1,3})(,\d*)?",
    "1234,5": r"[-+]?\d+(,\d+)?",
    "1234.5": r"[-+]?(\d+(\.\d*)?|\.\d+)",
}
LOOKED_AT = 100  # texts, by which most columns of words are told at once
ZEROS_IN_FRONT = re.compile(r"[-+]?0\d+")


def number_form(texts: pd.Series) -> str | None:
    """How all of the texts spell a number.

    Args:
        texts: (N,) str without gaps.

    Returns:
        `""`: as programs do, `1234.5` or `1e3`; else such as `"$1,234.5"` or `"1234.5 %"`; None:
        not all are numbers, or some are codes such as 0042, which a number does not keep.
    """
    if not np.isnan(parse_numbers(texts, "")).any():
        return None if any(map(ZEROS_IN_FRONT.fullmatch, texts)) else ""
    if not texts[:LOOKED_AT].str.contains(r"\d").all():
        return None
    parts = texts.str.extract(AFFIXES)
    before, after = parts[0].unique(), parts[2].unique()
    if len(before) > 1 or len(after) > 1 or parts[1].isna().any():
        return None
    if any(map(ZEROS_IN_FRONT.fullmatch, parts[1])):
        return None
    # "1234.5" first: a style with thousands is one where some number has them
    for style in ("1234.5", "1,234.5", "1234,5", "1.234,5"):
        if parts[1].str.fullmatch(PATTERNS[style]).all():
            return f"{before[0]}{style}{after[0]}"
    return None


def parse_numbers(texts: pd.Series, form: str) -> np.ndarray:
    """Texts as float64, NaN where they are no number of this form."""
    if not form:
        return pd.to_numeric(texts, errors="coerce").to_numpy("float64", na_value=np.nan)
    before, style, after = _parts(form)
    thousands, decimal = STYLES[style]
    numbers = texts.str.removeprefix(before).str.removesuffix(after)
    numbers = numbers.where(numbers.str.fullmatch(PATTERNS[style]))
    if thousands:
        numbers = numbers.str.replace(thousands, "", regex=False)
    numbers = numbers.str.replace(decimal, ".", regex=False)
    return pd.to_numeric(numbers, errors="coerce").to_numpy("float64", na_value=np.nan)


def spell_numbers(values: np.ndarray, form: str) -> list[str]:
    """Numbers as the source spells them; `parse_numbers` is the way back.

    Args:
        values: (N,) float32 or whole numbers.
        form: not empty.
    """
    before, style, after = _parts(form)
    thousands, decimal = STYLES[style]
    # the shortest text that float32 reads back
    spelled = (f"{float(str(value)):,}".removesuffix(".0") for value in values)
    places = str.maketrans({",": thousands, ".": decimal})
    return [f"{before}{text.translate(places)}{after}" for text in spelled]


def _parts(form: str) -> tuple[str, str, str]:
    style = next((style for style in STYLES if style in form), None)
    if style is None:
        raise DataError(f"form {form!r}: expected a number such as {', '.join(STYLES)} in it")
    before, _, after = form.partition(style)
    return before, style, after
