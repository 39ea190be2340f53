"""How often does a dry run cry wolf about data without a defect?

Usage: python benchmarks/dry_runs.py [--runs 1000] [--seed 0]

Draws data sets of independent, identically distributed examples of many shapes, sizes and
distributions, splits each as the package does, and asks what `kvae fit --dry-run` asks
(`keras_vae.diagnosis.examine_plan`, in one process). Examples that are i.i.d. and split by chance
differ by chance only, and none is a leaked copy: whatever is said of the splits is false. Of the
other findings, each is held against what is true of the data by construction (`IS_TRUE`), and each
warning of `keras_vae.data.audit` against the same of fresh examples of the distribution. Those
about the plan (`PLAN`) are counts of steps and options, not statements about the data.
"""

import argparse
import collections
import os
import re
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from keras_vae import Config, DataError
from keras_vae.data import binarize, default_binarization, from_arrays
from keras_vae.data.audit import audit
from keras_vae.diagnosis import examine_plan
from keras_vae.diagnosis.subjects.likelihoods import as_likelihood
from keras_vae.distributions import LIKELIHOODS
from keras_vae.measures import collapse_threshold

SHAPES = ((2,), (3,), (6,), (10,), (16,), (30,), (64,), (128,), (300,), (800,), (28, 28), (8, 8),
          (8, 8, 3), (50, 5), (100, 1), (24, 2))  # fmt: skip
PLAN = {"too_few_steps", "warmup_too_long", "learning_rate_too_large"}
# Warnings of the audit that speak of the examples at hand, and are exact.
OF_THESE_EXAMPLES = ("entries are exactly", "the data are binary", "values reach")
FRESH = 20_000  # examples that stand for the distribution
LARGEST = 2_000_000  # entries of a data set


# ---- distributions: (rng, rows, shape) -> x ------------------------------------------------


def normal(rng, rows, shape):
    return rng.standard_normal((rows, *shape))


def shifted(rng, rows, shape):
    return 1000 + 0.03 * rng.standard_normal((rows, *shape))


def uniform(rng, rows, shape):
    return rng.random((rows, *shape))


def lognormal(rng, rows, shape):
    return np.exp(2 * rng.standard_normal((rows, *shape)))


def clipped_cauchy(rng, rows, shape):
    return np.clip(rng.standard_cauchy((rows, *shape)), -1e4, 1e4)


def student_2(rng, rows, shape):
    return rng.standard_t(2, (rows, *shape))


def heavy_rows(rng, rows, shape):
    """Whole examples of a heavy-tailed size."""
    return normal(rng, rows, shape) * np.abs(student_2(rng, rows, (1,) * len(shape)))


def sparse_counts(rng, rows, shape):
    return rng.poisson(10 ** rng.uniform(-3, 0), (rows, *shape))


def binary(rng, rows, shape):
    return rng.random((rows, *shape)) < 10 ** rng.uniform(-3, np.log10(0.5))


def binary_unlike(rng, rows, shape):
    """Each entry with a probability of its own."""
    return rng.random((rows, *shape)) < 0.5 * rng.random(shape) ** 3


def few_kinds(rng, rows, shape):
    """Rows of a few categories, which repeat themselves by nature."""
    kinds = rng.random((int(rng.integers(2, 40)), *shape)) < 0.3
    shares = rng.dirichlet(np.full(len(kinds), 0.5))
    return kinds[rng.choice(len(kinds), rows, p=shares)]


def prototypes(rng, rows, shape):
    """A few gray prototypes, each exact or with noise."""
    kinds = rng.random((int(rng.integers(2, 40)), *shape))
    noise = rng.random() < 0.5
    x = kinds[rng.integers(0, len(kinds), rows)]
    return np.clip(x + 0.1 * noise * normal(rng, rows, shape), 0, 1)


def partly_constant(rng, rows, shape):
    return np.where(rng.random(shape) < 0.7, 0.25, normal(rng, rows, shape))


def levels(rng, rows, shape):
    return rng.integers(0, int(rng.integers(3, 100)), (rows, *shape))


def eight_bit(rng, rows, shape):
    """Images with a background and a soft blob."""
    brightness = rng.random((rows, *(1 for _ in shape)))
    x = brightness * (rng.random(shape) < 0.4) + 0.1 * rng.random((rows, *shape))
    return np.clip(255 * np.where(rng.random((rows, *shape)) < 0.5, x, 0), 0, 255).astype("uint8")


def zero_inflated(rng, rows, shape):
    return np.where(rng.random((rows, *shape)) < 0.9, 0, normal(rng, rows, shape))


def correlated(rng, rows, shape):
    common = rng.standard_normal((rows, *(1 for _ in shape)))
    return common + normal(rng, rows, shape)


def random_walks(rng, rows, shape):
    return np.cumsum(normal(rng, rows, shape), axis=1)


def unlike_scales(rng, rows, shape):
    return normal(rng, rows, shape) * 10 ** rng.uniform(-4, 4, shape)


DISTRIBUTIONS = (normal, shifted, uniform, lognormal, clipped_cauchy, student_2, heavy_rows,
                 sparse_counts, binary, binary_unlike, few_kinds, prototypes, partly_constant,
                 levels, eight_bit, zero_inflated, correlated, random_walks,
                 unlike_scales)  # fmt: skip


# ---- what is true of the data by construction ----------------------------------------------


def collapse_is_due(x, fresh, config):
    """beta* of fresh examples lies below beta."""
    likelihood = as_likelihood(LIKELIHOODS[config.likelihood]())
    if config.likelihood == "gaussian":
        variance = np.full(x.shape[1:], fresh.var(axis=0).mean())
    else:
        variance = likelihood.variance(fresh)
    return bool(np.any(variance > 0)) and collapse_threshold(fresh, variance)[0] < config.beta


IS_TRUE = {
    "gray_data_under_bernoulli": lambda x, fresh, _: np.mean((fresh > 0) & (fresh < 1)) > 0.009,
    "binary_data_under_density": lambda x, fresh, _: len(np.unique(x)) == 2,
    "lattice_data_under_density": lambda x, fresh, _: len(np.unique(fresh)) <= 256,
    "collapse_expected": collapse_is_due,
}


def data_set(seed):
    """(name of the distribution, `Dataset`, fresh examples) of one dry run."""
    rng = np.random.default_rng(seed)
    make = DISTRIBUTIONS[seed % len(DISTRIBUTIONS)]
    shape = SHAPES[rng.integers(len(SHAPES))]
    entries = int(np.prod(shape))
    rows = int(min(np.exp(rng.uniform(np.log(20), np.log(5000))), max(20, LARGEST // entries)))
    fixed = int(rng.integers(2**31))  # of what the distribution itself draws

    def examples(count, skip):
        made = np.random.default_rng(fixed)
        both = make(made, skip + count, shape)
        return both[skip:]

    dataset = from_arrays(examples(rows, 0), name=make.__name__)
    many = min(FRESH, max(2000, LARGEST // entries))
    fresh = from_arrays(examples(many, rows), name=make.__name__)
    return make.__name__, dataset, fresh.train.x


def plan_of(rng, x):
    """A `Config` that the data allow."""
    is_in_unit_interval = x.min() >= 0 and x.max() <= 1
    likelihoods = ("bernoulli", "gaussian", "continuous_bernoulli")
    likelihood = likelihoods[rng.integers(3)] if is_in_unit_interval else "gaussian"
    return Config(
        likelihood=likelihood,
        binarize=default_binarization(x, likelihood),
        beta=float(rng.choice([0.5, 1.0, 1.0, 1.0, 4.0])),
    )


def kinds(lines):
    """What the lines say, whatever their numbers are."""
    return {re.sub(r"-?\d[\d.e+%-]*", "#", line)[:48] for line in lines}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("error")
    counts = collections.Counter()
    sizes = collections.Counter()
    false = []
    start = time.monotonic()
    for seed in range(options.seed, options.seed + options.runs):
        try:
            name, dataset, fresh = data_set(seed)
        except DataError:  # constant by chance
            counts["refused"] += 1
            continue
        x = dataset.train.x
        config = plan_of(np.random.default_rng(seed), x)
        steps = config.epochs * (len(x) // min(config.batch_size, len(x)))
        likelihood = LIKELIHOODS[config.likelihood]()
        plan = examine_plan(x, dataset.test.x, config, likelihood, steps)
        counts["runs"] += 1
        size = next(limit for limit in (50, 200, 1000, 5000) if len(x) <= limit)
        sizes[size, "runs"] += 1
        seen = binarize(fresh, config.binarize, "train")
        is_false = False
        for kind in kinds(audit(x, config.likelihood, config.binarize)):
            is_true = any(fact in kind for fact in OF_THESE_EXAMPLES) or kind in kinds(
                audit(fresh, config.likelihood, config.binarize)
            )
            counts[f"audit: {kind[:24]}", "true" if is_true else "FALSE"] += 1
            if not is_true:
                is_false = True
                false.append((seed, name, x.shape, config.likelihood, kind))
        for found in plan.findings:
            if found.severity in ("info", "undetermined"):
                counts[found.name, found.severity] += 1
            elif found.name in PLAN:
                counts[found.name, "of the plan"] += 1
            elif found.name in IS_TRUE and IS_TRUE[found.name](x, seen, config):
                counts[found.name, "true"] += 1
            else:
                counts[found.name, "FALSE"] += 1
                is_false = True
                false.append((seed, name, x.shape, config.likelihood, *map(str, found.evidence)))
        sizes[size, "false"] += is_false
    for row in false:
        print(*row, sep="  ")
    print(f"{counts['runs']} dry runs, {counts['refused']} data sets refused (constant)")
    for size in (50, 200, 1000, 5000):
        print(f"up to {size} training examples: {sizes[size, 'false']} false of "
              f"{sizes[size, 'runs']}")  # fmt: skip
    for key, count in sorted((k, v) for k, v in counts.items() if isinstance(k, tuple)):
        print(f"{key[0]:32} {key[1]:14} {count}")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
