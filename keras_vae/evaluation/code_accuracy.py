"""Are the codes of any use for telling classes: beside PCA and the entries of x themselves."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from keras_vae.data import Dataset, Examples
from keras_vae.errors import ConfigError, DataError
from keras_vae.evaluation.comparable_entries import comparable_entries
from keras_vae.evaluation.evaluate import describe_split
from keras_vae.evidence import dataset_for, examples_for
from keras_vae.figure_tables import code_accuracy_table, html_tables
from keras_vae.measures import (
    CLASS_NEIGHBOURS,
    ClassAccuracy,
    linear_accuracy,
    neighbour_accuracy,
    paired_difference,
    principal_directions,
)
from keras_vae.vae import VAE

__all__ = ["CodeAccuracy", "Representation", "code_accuracy"]

TRAINING_EXAMPLES = 5000  # of which classes are learned, at most


@dataclass(frozen=True)
class Representation:
    """One way to write an example down, and how well classes are told from it.

    Attributes:
        dimensions: numbers an example.
        neighbours: `ClassAccuracy` of its nearest training examples.
        linear: `ClassAccuracy` of a linear classifier.
    """

    dimensions: int
    neighbours: ClassAccuracy
    linear: ClassAccuracy

    def to_dict(self) -> dict[str, Any]:
        """The shares, 0 to 1, with their standard errors."""
        return {
            "dimensions": self.dimensions,
            "neighbours": self.neighbours.mean,
            "neighbours_standard_error": self.neighbours.standard_error,
            "linear": self.linear.mean,
            "linear_standard_error": self.linear.standard_error,
        }


@dataclass(frozen=True)
class CodeAccuracy:
    """How well classes that no loss saw are told from codes, from PCA, and from x itself.

    Attributes:
        split, examples: which held-out examples, and how many.
        training_examples: how many others the classes were learned of.
        classes: how many there are among those.
        k: how many neighbours are asked.
        most_frequent: the share that is told right by always telling the class that is most
            frequent in training.
        codes: `Representation` of z_mean of q(z|x), as `VAE.encode` gives it.
        pca: of as many principal components of x.
        entries: of all entries of x.
        protocol: what the numbers depend on, in words.
    """

    split: str
    examples: int
    training_examples: int
    classes: int
    k: int
    most_frequent: float
    codes: Representation
    pca: Representation
    entries: Representation
    protocol: str

    def to_dict(self) -> dict[str, Any]:
        """The figures as a dictionary that `json` can write: shares from 0 to 1, and what the codes
        have more than each of the other two, with the error of the paired difference."""
        return {
            "split": self.split,
            "examples": self.examples,
            "training_examples": self.training_examples,
            "classes": self.classes,
            "k": self.k,
            "most_frequent": self.most_frequent,
            "codes": self.codes.to_dict(),
            "pca": self.pca.to_dict(),
            "entries": self.entries.to_dict(),
            "codes_minus_pca": _difference(self.codes, self.pca),
            "codes_minus_entries": _difference(self.codes, self.entries),
            "protocol": self.protocol,
        }

    def _repr_html_(self) -> str:
        return html_tables([code_accuracy_table(self.to_dict())])


def code_accuracy(
    vae: VAE,
    data: Any,
    binarization: str | None = None,
    split: str = "test",
    k: int = CLASS_NEIGHBOURS,
    training_examples: int = TRAINING_EXAMPLES,
    seed: int = 0,
) -> CodeAccuracy:
    """Learns classes of training examples, and tells those of held-out ones, in two ways.

    By `keras_vae.measures.neighbour_accuracy` and `linear_accuracy`, from three representations of
    the same examples: the codes, as many principal components of x, and x itself, as
    `comparable_entries` makes it. The ELBO does not ask for any of it: see docs/codes.md.

    Args:
        vae: `VAE`.
        data: `Dataset` with labels, whose examples fit the encoder.
        binarization: as for `evaluate`; all three see what the encoder sees.
        split: `"validation"` or `"test"`, whose classes are told.
        k: how many neighbours are asked, at least 1.
        training_examples: of which classes and PCA are learned, at most; chosen by the seed.
        seed: an integer from 0.

    Returns:
        `CodeAccuracy`.

    Raises:
        DataError: if the data have no labels, are not split or do not fit the model, or if the
            training examples are of one class.
        ConfigError: if the split is the training split, or k is not a number of these examples.
    """
    dataset = dataset_for(vae, data, binarization)
    train = _chosen(dataset, split, k, training_examples, seed)
    held_out = dataset.seen(split)
    labels, held_out_labels = np.asarray(train.labels), np.asarray(held_out.labels)

    def represented(features: np.ndarray, others: np.ndarray) -> Representation:
        parts = features, labels, others, held_out_labels
        dimensions = features.shape[1]
        return Representation(dimensions, neighbour_accuracy(*parts, k), linear_accuracy(*parts))

    codes, held_out_codes = (
        vae.encode(examples_for(vae, part.given))[0] for part in (train, held_out)
    )
    x, held_out_x, words = comparable_entries(train, held_out, vae.likelihood, dataset.schema)
    mean = x.mean(axis=0)
    count = min(codes.shape[1], *x.shape)
    _, directions = principal_directions(x - mean, count)
    classes, counts = np.unique(labels, return_counts=True)
    return CodeAccuracy(
        split=split,
        examples=len(held_out),
        training_examples=len(train),
        classes=len(classes),
        k=k,
        most_frequent=float(np.mean(held_out_labels == classes[counts.argmax()])),
        codes=represented(codes, held_out_codes),
        pca=represented((x - mean) @ directions, (held_out_x - mean) @ directions),
        entries=represented(x, held_out_x),
        protocol=(
            f"{describe_split(dataset, split)}, {len(held_out)} examples; classes and PCA learned "
            f"of {len(train)} of {dataset.training_examples} training examples, chosen by seed "
            f"{seed}{_drawn(dataset)}; {dataset.protocol(split)}; codes: z_mean; x: {words}; {k} "
            f"nearest neighbours by Euclidean distance, none standardised further; linear: "
            f"multinomial logistic regression on standardised features, penalty |w|^2 / 2, not "
            f"tuned; errors: binomial, of the held-out examples alone{_told(dataset)}"
        ),
    )


def _chosen(dataset: Dataset, split: str, k: int, most: int, seed: int) -> Examples:
    """The training examples of which classes are learned, or why there are none."""
    if not dataset.is_split:
        raise DataError(
            f"{dataset.name}: is not split, and classes are learned of training examples and told "
            f"of others; let keras_vae.load_data split it"
        )
    if split == "train":
        raise ConfigError(
            "split='train': classes are learned of training examples; choose validation or test"
        )
    if dataset.train.labels is None or dataset.split(split).labels is None:
        raise DataError(
            f"{dataset.name}: has no labels, so there are no classes to tell from the codes; give "
            f"them as y beside x, of a table with --label-column NAME"
        )
    seen = dataset.seen_in_training()
    rows = np.random.default_rng(seed).permutation(len(seen))[:most]
    train = seen[np.sort(rows)]
    if not isinstance(k, Integral) or isinstance(k, bool) or not 1 <= k <= len(train):
        raise ConfigError(f"k={k!r}: expected a whole number of neighbours, 1 to {len(train)}")
    if len(np.unique(np.asarray(train.labels))) < 2:
        raise DataError(
            f"{dataset.name}: all training examples are of one class; accuracies need at least two"
        )
    return train


def _difference(first: Representation, second: Representation) -> dict[str, float]:
    """Accuracies of the first minus those of the second, example by example."""
    figures: dict[str, float] = {}
    for name in ("neighbours", "linear"):
        right, other = (getattr(part, name).is_right[None] for part in (first, second))
        found = paired_difference(right, other)
        figures |= {name: found.mean, f"{name}_standard_error": found.error_of_examples}
    return figures


def _drawn(dataset: Dataset) -> str:
    """What is not as in training, where their pixels are drawn again and again."""
    return ", drawn once" if dataset.binarization == "dynamic" else ""


def _told(dataset: Dataset) -> str:
    """What the encoder is told beside x, which PCA and x do not have."""
    if not dataset.is_conditional:
        return ""
    names = ", ".join(condition.name for condition in dataset.conditions) or "a condition"
    return f"; the encoder is told {names}, PCA and x are not"
