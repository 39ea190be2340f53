"""Are there examples enough of each class, and does no column give it away?"""

import json

from keras_vae.diagnosis.finding import INFO, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.measurements.classes import Occurrence

__all__ = ["label_leaks", "rare_category"]

# Training examples by which a category can be learned; of n its probability is known to 1/sqrt(n).
FEWEST = 5
# Share of what is to be known of a class that a column leaves open.
LEFT = 0.02


def rare_category(m: Measurements) -> Finding | None:
    rare = [each for each in m.occurrences if each.train < FEWEST and each.train + each.test]
    if not rare:
        return None
    # the gravest first: what training has not seen, then what a model is told
    worst = min(rare, key=lambda each: (each.train > 0, not each.is_told, each.train))
    what = "condition" if worst.is_told else "column"
    others = len({each.name for each in rare} - {worst.name})
    return finding(
        "rare_category",
        _severity(worst),
        Evidence(
            f"training examples with {worst.value!r} in {what} {worst.name!r}",
            worst.train,
            FEWEST,
            is_above=False,
        ),
        f"{worst.value!r} of {what} {worst.name!r} stands in {worst.train} training examples "
        f"and {worst.test} test examples, too few to learn it by: {_consequence(worst)}"
        + (f" Of {others} other columns the same is true." if others else ""),
        _remedy(worst),
        f"Each category stands in {FEWEST} training examples or more.",
    )


def _severity(found: Occurrence) -> str:
    """A few of many rows cost little; what was never trained, or is told, makes figures wrong."""
    return INFO if found.train and not found.is_told else WARNING


def _consequence(found: Occurrence) -> str:
    if found.is_told:
        return "what the model draws and scores under it is a guess."
    if not found.train:
        return "the model gives it almost no probability, and its test examples spoil the mean."
    return "its probability, and what goes with it, are a guess."


def _remedy(found: Occurrence) -> str:
    merge = "Give it the name of another category in the data, such as 'other'; "
    split = " Or split so that training has it: --split-column." if not found.train else ""
    if found.is_told:
        return f"{merge}or leave its rows out; or leave {found.name!r} out of --condition.{split}"
    unknown = (
        f'or take it for unknown, in schema.toml: name = "{found.name}", gaps = '
        f"[{json.dumps(found.value)}]; "
        if found.others > 1
        else ""
    )
    merge = merge if found.others > 1 else ""
    return f"{merge}{unknown}or leave the column out: --ignore {found.name!r}.{split}"


def label_leaks(m: Measurements) -> Finding | None:
    if not m.left_open:
        return None
    column, told = min(m.left_open, key=m.left_open.__getitem__)
    is_label = told == "the label"
    return finding(
        "label_leaks",
        WARNING,
        Evidence(
            f"share of what is to be known of {told} that column {column!r} leaves open",
            m.left_open[column, told],
            LEFT,
            is_above=False,
        ),
        f"Column {column!r} alone tells {told}: "
        + (
            "that the classes lie apart in the latents, or that a classifier finds them there, is "
            "its work, and will not hold for rows where it is not known."
            if is_label
            else "the model is told what it should explain, so the column costs it nothing, and "
            "its ELBO cannot be compared with that of a model without the condition."
        ),
        f"Leave the column out: kvae fit --ignore {column!r}; "
        + (
            "keep it if it is known before the label is, and meant to tell it."
            if is_label
            else "or do not tell the model of it, by --condition."
        ),
        f"Each column leaves more than {LEFT:.0%} of it open.",
    )
