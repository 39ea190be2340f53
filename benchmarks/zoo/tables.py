"""Defects of the columns of a table."""

import numpy as np
import pandas as pd

import keras_vae as kv
from keras_vae.data import conditions_of, with_conditions
from keras_vae.diagnosis import of_dataset
from keras_vae.training import build_vae
from zoo.data import EVALUATION
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.specimen import injector
from zoo.train import trained

__all__ = []

ROWS = 1500
KINDS = {"age": "real", "income": "positive", "visits": "count", "size": "ordinal", "won": "binary"}
FOLLOWS = (*EVALUATION, *TOO_LITTLE, *TOO_MUCH, "collapsed", "spare_latents", "decoder_ignores_z")


def rows(seed):
    """A table whose columns two hidden causes explain."""
    rng = np.random.default_rng(seed)
    u, v = rng.standard_normal((2, ROWS))
    noise = rng.standard_normal((4, ROWS))
    return pd.DataFrame(
        {
            "age": 40 + 12 * u + 3 * noise[0],
            "income": np.exp(10 + 0.4 * u + 0.3 * v + 0.2 * noise[1]),
            "visits": rng.poisson(np.exp(1 + 0.8 * v)),
            "size": np.clip(np.round(3 + u + 0.3 * noise[2]), 1, 5).astype(int),
            "won": np.where(u + 0.4 * noise[3] > 0, "yes", "no"),
        }
    )


def subject(cell, seed, frame, reading=None, **kinds):
    """A model of a table, trained as the others are, as the subject of a diagnosis."""
    columns = [{"name": name, "kind": kind} for name, kind in {**KINDS, **kinds}.items()]
    reading = reading or {}
    dataset = kv.load_data(frame, columns=columns, **reading)
    told = reading.get("condition", ())
    config = kv.Config("table", binarize="none", hidden=cell.hidden, seed=seed, condition=told)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    vae = build_vae(config, dataset)
    history = trained(vae, cell, dataset.train.given, seed, dataset.given("validation"))
    return of_dataset(vae, dataset, history=history)


@injector((), FOLLOWS, cells=("toy",))
def healthy_table(cell, seed, severity):
    """Each column of its own kind."""
    return subject(cell, seed, rows(seed))


@injector(("count_under_gaussian",), FOLLOWS, cells=("toy",))
def count_as_real(cell, seed, severity):
    """A count, said to be a real number."""
    return subject(cell, seed, rows(seed), visits="real")


@injector(("identifier_as_number",), FOLLOWS, cells=("toy",))
def number_of_a_row(cell, seed, severity):
    """The numbers of the rows in another order, said to be real numbers."""
    order = np.random.default_rng(seed).permutation(ROWS)
    return subject(cell, seed, rows(seed).assign(number=1000 + order), number="real")


@injector(("constant_column",), FOLLOWS, cells=("toy",))
def constant_as_real(cell, seed, severity):
    """A column of one value, said to be a real number."""
    return subject(cell, seed, rows(seed).assign(year=2008.0), year="real")


@injector(("rare_category",), FOLLOWS, severities=(1, 0), cells=("toy",))
def category_in_few_rows(cell, seed, severity):
    """A category of two test rows, and of one training row or none."""
    rng = np.random.default_rng(seed)
    part = rng.choice(["train", "validation", "test"], ROWS, p=(0.8, 0.1, 0.1))
    colour = rng.choice(["red", "blue"], ROWS)
    for name, few in (("test", 2), ("train", severity)):
        colour[np.flatnonzero(part == name)[:few]] = "gray"
    frame = rows(seed).assign(part=part, colour=colour)
    return subject(cell, seed, frame, {"split_column": "part"}, colour="categorical")


@injector(("label_leaks",), FOLLOWS, cells=("toy",))
def column_that_is_the_label(cell, seed, severity):
    """The label in another spelling, as a column of x."""
    frame = rows(seed)
    frame = frame.assign(outcome=np.where(frame.won == "yes", "gold", "none"))
    return subject(cell, seed, frame, {"label_column": "outcome"})


@injector(("label_leaks",), FOLLOWS, cells=("toy",))
def column_that_is_the_condition(cell, seed, severity):
    """A number that the model is told, in another unit, as a column of x."""
    frame = rows(seed)
    return subject(cell, seed, frame.assign(months=12 * frame.age), {"condition": ("months",)})


@injector(("column_dominates",), FOLLOWS, severities=(0.5, 0.7), cells=("toy",))
def one_value_in_many_rows(cell, seed, severity):
    """A column of real numbers that are 0 in many rows; the others have nothing in common."""
    frame = rows(seed)
    rng = np.random.default_rng(seed)
    shuffled = {name: rng.permutation(frame[name]) for name in frame}
    rain = np.where(rng.random(ROWS) < severity, 0.0, np.exp(5 + rng.standard_normal(ROWS)))
    return subject(cell, seed, pd.DataFrame({**shuffled, "rain": rain}), rain="real")
