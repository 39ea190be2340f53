"""Is each column of a table what it is taken for?"""

import numpy as np

from keras_vae.diagnosis.finding import WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error

__all__ = ["column_dominates", "constant_column", "count_under_gaussian", "identifier_as_number"]

NUMBERS = ("real", "positive", "count")
# Nats a value that a negative binomial must gain.
COUNTED = 0.05
# Of the whole numbers between the lowest and the highest, those that occur, each once.
NUMBERED = 0.5
# Part of what z gains in all columns together, and nats a row, that one column has.
SHARE, NATS = 0.9, 2.0


def identifier_as_number(m: Measurements) -> Finding | None:
    shares = {
        name: len(values) / (np.ptp(values) + 1)
        for name, values in m.column_values(*NUMBERS).items()
        if (values % 1 == 0).all() and len(np.unique(values)) == len(values)
    }
    if not shares:
        return None
    name = max(shares, key=shares.__getitem__)
    return finding(
        "identifier_as_number",
        WARNING,
        Evidence(
            f"part of the whole numbers between the lowest and the highest of {name!r} that "
            f"occur, each once",
            shares[name],
            NUMBERED,
        ),
        f"Column {name!r} numbers the rows: it says nothing of what a row is, and the model spends "
        "its latents on it.",
        f'In schema.toml: name = "{name}", kind = "identifier"; or --ignore {name!r}. If it '
        "is a time, split by it: --split-order.",
        "Values of a number repeat, or leave gaps between them.",
    )


def count_under_gaussian(m: Measurements) -> Finding | None:
    gains = m.gain_of_counting
    if not gains:
        return None
    name = max(gains, key=lambda name: float(np.mean(gains[name])))
    gain = gains[name]
    return finding(
        "count_under_gaussian",
        WARNING,
        Evidence(
            f"what a negative binomial gains on a normal distribution in column {name!r}, nats a "
            f"value",
            float(np.mean(gain)),
            COUNTED,
            standard_error(gain),
        ),
        f"Column {name!r} holds counts, and a normal distribution gives mass to values below 0 "
        "and between whole numbers, and too little to large counts.",
        f'In schema.toml: name = "{name}", kind = "count"; then kvae fit --columns schema.toml.',
        "A column of whole numbers from 0 that are skewed is of kind count.",
    )


def constant_column(m: Measurements) -> Finding | None:
    constant = [name for name, values in m.different_values.items() if values < 2]
    if not constant:
        return None
    name, others = constant[0], constant[1:]
    also = f"; so have {', '.join(map(repr, others))}" if others else ""
    values = m.different_values[name]
    return finding(
        "constant_column",
        WARNING,
        Evidence(
            f"different values of column {name!r} in the training rows", values, 2, is_above=False
        ),
        f"Column {name!r} has {'one value' if values else 'no value'} in all training rows{also}: "
        "nothing can be learned of it, its nats are those of the narrowest distribution that the "
        "model allows, and any other value in a new row looks impossible.",
        f"Leave it out: kvae fit {' '.join(f'--ignore {name!r}' for name in constant)}. If it "
        "changes in other rows, split so that training has them: --split-column.",
        "Every column that is modelled has two values or more in the training rows.",
    )


def column_dominates(m: Measurements) -> Finding | None:
    if not m.subject.columns:
        return None
    gains = m.gain_of_columns
    mean = gains.mean(axis=0)
    if len(mean) < 3 or not (mean > 0).any():
        return None
    j = int(np.argmax(mean))
    name = m.subject.columns[j].name
    return finding(
        "column_dominates",
        WARNING,
        (
            Evidence(
                f"part of the nats that z gains in all columns which it gains in {name!r}",
                float(mean[j] / mean[mean > 0].sum()),
                SHARE,
            ),
            Evidence(
                f"nats a row that z gains in {name!r}",
                float(mean[j]),
                NATS,
                standard_error(gains[:, j]),
            ),
        ),
        f"Column {name!r} outweighs all others in the ELBO: the latents describe it and little "
        "else. Often one value stands in many of its rows, around which a density grows without "
        "limit, or few of its values lie far away from all others.",
        f"Look at its values: kvae schema. Where they are few, or whole numbers, give {name!r} "
        'kind = "ordinal", "categorical" or "count" in schema.toml; mark a value that stands for '
        "none as a gap (gaps = [0]); or leave the column out: --ignore.",
        "The latents gain in several columns.",
    )
