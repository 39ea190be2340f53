"""What is done to data by default: each default in one line, with its choice."""

from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.choices import COUNTS
from keras_vae.config import Config
from keras_vae.data.examples import Dataset
from keras_vae.data.levels import divided
from keras_vae.data.protocol import default_binarization

__all__ = ["decided", "default_likelihood", "defaults_taken", "told_levels"]


# What a config leaves open: of most data, and of a table, which has fewer rows and entries.
OF_MOST: dict[str, Any] = {"latent": 2, "batch_size": 128, "epochs": 80}
OF_A_TABLE: dict[str, Any] = {**OF_MOST, "latent": 8, "batch_size": 64, "hidden": (128, 64)}
SAMPLES_OF_IWAE = 50
# Where the rate weighs its all from the start, most of many latents die before they are of use. All
# may with a VampPrior, which fits any q(z|x) that is the same for all x: of 3 models of digits one
# ended so, at -27.3 nats, where a warm-up reaches -24.5.
FEW_LATENTS, WARMUP = 10, 0.2
WARMUP_OF_CAPACITY = 0.5
STEPS_OF_A_TABLE = 3000  # at least
STEPS_OF_AN_EPOCH = 8  # at least, of a table: each epoch ends with a look at the validation split


def told_levels(name: PathLike, levels: int) -> str:
    """The warning where uint8 or uint16 values of an array are taken as levels of an image."""
    dtype, done = divided(levels).split(" ", 1)
    return (
        f"by default, the {dtype} values of {name} are taken as gray levels and {done}; "
        "store counts as another dtype, such as float32"
    )


def default_likelihood(dataset: Dataset) -> str:
    """`"columns"` for a table, whose columns are each of their own kind; `"negative_binomial"` for
    an annotated matrix, which holds counts; else `"bernoulli"`."""
    if dataset.entries is not None:
        return "negative_binomial"
    return "bernoulli" if dataset.schema is None else "columns"


def decided(config: Config, dataset: Dataset) -> Config:
    """The config with what it leaves open: likelihood, binarisation, library size, those of
    `OF_MOST` and `OF_A_TABLE`, and by its own options the draws of z and the warm-up."""
    likelihood = config.likelihood or default_likelihood(dataset)
    binarize = config.binarize or default_binarization(dataset.train.x, likelihood)
    library = config.library
    if library is None:
        library = dataset.entries is not None and likelihood in COUNTS
    config = config.replace(likelihood=likelihood, binarize=binarize, library=library)
    usual = dict(OF_MOST if dataset.schema is None else OF_A_TABLE)
    if dataset.schema is not None:
        examples = dataset.training_examples
        usual["batch_size"] = max(1, min(usual["batch_size"], examples // STEPS_OF_AN_EPOCH))
        steps = examples // min(config.batch_size or usual["batch_size"], examples)
        usual["epochs"] = max(usual["epochs"], -(-STEPS_OF_A_TABLE // steps))
    usual["samples"] = SAMPLES_OF_IWAE if config.objective == "iwae" else 1
    may_die = (config.latent or usual["latent"]) > FEW_LATENTS or config.prior == "vamp"
    usual["warmup"] = WARMUP if may_die else 0.0
    if config.capacity is not None:
        usual["warmup"] = WARMUP_OF_CAPACITY
    left_open = {name: value for name, value in usual.items() if getattr(config, name) is None}
    return config.replace(**left_open)


def defaults_taken(dataset: Dataset, config: Config) -> list[str]:
    """What reading and training do to the data by default.

    Args:
        dataset: `Dataset`.
        config: `Config` as it was given, before the data decided on what it leaves open.

    Returns:
        List of lines for the user, each of which begins "by default".
    """
    lines = list(dataset.warnings)
    decision = decided(config, dataset)
    if config.library is None and decision.library:
        lines.append(
            "by default, the model is told the sum of the counts of each row, its library size; "
            "give --library to confirm, or --no-library"
        )
    if config.binarize is None:
        binarization = decision.binarization
        if binarization != "none":
            lines.append(
                f"by default, gray levels are drawn as 0 or 1, {binarization} binarisation; give "
                f"--binarize {binarization} to confirm, or --binarize none to keep them"
            )
    examples = dataset.training_examples
    left_over = examples % min(decision.batch_size, examples)
    # of a table the size follows from the number of rows, and says nothing new
    is_chosen = config.batch_size is not None or dataset.schema is None
    if left_over and is_chosen:
        lines.append(
            f"by default, {left_over} of {examples} training examples are left over and skipped in "
            "each epoch, different ones each time, because they do not fill a batch of "
            f"{decision.batch_size}" + _whole_batches(examples, decision.batch_size)
        )
    return lines


def _whole_batches(examples: int, batch_size: int) -> str:
    """The advice of a batch size that uses all examples, if one is near."""
    fitting = [size for size in range(batch_size // 2, batch_size) if size and not examples % size]
    return f"; --batch-size {fitting[-1]} uses all" if fitting else ""
