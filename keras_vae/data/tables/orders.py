"""Texts that have an order: ranges of numbers, and words of well-known scales."""

import re
from collections.abc import Sequence

__all__ = ["in_order"]

# "25-34", "10 to 19", "75+", "<5", "0-39g/day": a number from which on, and what makes it a range
RANGE = re.compile(r"([<>]?)\s*(\d+(?:\.\d+)?)\s*(?:(?:-|\u2013|to)\s*(\d+(?:\.\d+)?)|\+)?\D*")
SCALES = tuple(
    tuple(scale.split(", "))
    for scale in (
        "none, very low, low, medium, moderate, high, very high",
        "tiny, small, medium, large, extra large, huge",
        "xs, s, m, l, xl, xxl",
        "very bad, bad, poor, fair, average, good, very good, excellent",
        "never, rarely, seldom, sometimes, often, usually, always",
        "strongly disagree, disagree, neutral, agree, strongly agree",
        "mild, moderate, severe",
        "i, ii, iii, iv, v, vi, vii",
        "1st, 2nd, 3rd, 4th, 5th",
    )
)


def in_order(texts: Sequence[str]) -> list[str] | None:
    """The texts in their order; None where none is known.

    Args:
        texts: three or more different ones.
    """
    lowered = {text.strip().lower(): text for text in texts}
    for scale in SCALES:
        if set(lowered) <= set(scale):
            return [lowered[word] for word in scale if word in lowered]
    found = [RANGE.fullmatch(text.strip()) for text in texts]
    is_range = any(re.search(r"\d\s*(-|\u2013|to|\+)|[<>]", text) for text in texts)
    if not is_range or not all(found):
        return None
    # "<5" comes before "5-9", and "> 5" behind it
    places = [
        (float(m[2]), {"<": -1, ">": 1}.get(m[1], 0), float(m[3] or "inf")) for m in found if m
    ]
    if len(set(places)) < len(texts):
        return None
    return [text for _, text in sorted(zip(places, texts, strict=True))]
