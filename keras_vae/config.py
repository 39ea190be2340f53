"""Config: every choice that a training run depends on, as one flat frozen record."""

from dataclasses import dataclass, fields, replace
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from keras_vae.errors import ConfigError

__all__ = [
    "ALPHAS",
    "BINARIZATIONS",
    "CHANNELS",
    "COUNTS",
    "DATA",
    "DISTRIBUTIONS",
    "LIKELIHOODS",
    "NETWORKS",
    "PRECISIONS",
    "Config",
]

DATA = ("mnist5k", "mnist", "fashion_mnist", "digits")  # what has a name; else a path
NETWORKS = ("mlp", "conv")
LIKELIHOODS = (
    "bernoulli",
    "gaussian",
    "diagonal_gaussian",
    "log_normal",
    "continuous_bernoulli",
    "discretized_logistic",
    "poisson",
    "negative_binomial",
    "zero_inflated_negative_binomial",
    "columns",
)
COUNTS = ("poisson", "negative_binomial", "zero_inflated_negative_binomial")
BINARIZATIONS = ("dynamic", "static", "threshold", "none")
DISTRIBUTIONS = ("mirrored", "multi-worker")
ALPHAS = ("black", "white", "keep")
CHANNELS = ("first", "last")
SPLIT_COLUMNS = ("split_column", "split_by", "split_order")
READING = (
    "size", "gray", "alpha", "channels", "columns", "label_column", "ignore", "layer",
    *SPLIT_COLUMNS, "condition", "window", "stride",
)  # fmt: skip
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")


@dataclass(frozen=True)
class Config:
    """The choices of one training run.

    Attributes:
        data: one of `DATA`, or a path, as for `keras_vae.load_data`; in Python also the examples
            themselves or a `keras_vae.data.Dataset`, of which a run records a hash.
        stream: whether training examples stay on disk and are read as they are needed.
        size: of images of a folder, whose middle square is resized to it; None: they are of one.
        gray: whether colour images of a folder are read as gray.
        alpha: of transparent pixels in a folder: `"black"` or `"white"` behind them, `"keep"` as a
            channel; None refuses them.
        channels: `"first"` or `"last"`, for arrays that can be read both ways.
        columns: path of a `.toml` that corrects the schema that is inferred of a table.
        label_column: the column of a table, or of `obs`, that holds the classes.
        ignore: columns of a table to leave out.
        layer: of a `.h5ad`, the layer of the counts; None for `X`.
        split_column: the column that says train, validation or test.
        split_by: the column of groups whose rows stay in one split.
        split_order: the column by which the last rows are the test split.
        window: of a series, how many rows in the order of `split_order` an example has; None: one
            row, of no series.
        stride: rows from a window to the next; None: `window`.
        latent: number of latents d; None: 2, of a table 8.
        network: `"mlp"` or `"conv"`, for the encoder and, mirrored, the decoder.
        hidden: mlp: units of each hidden layer, (512, 256) if None, of a table (128, 64); conv:
            channels of each stride-2 stage, (32, 64) if None.
        condition: what encoder and decoder see beside x and z: `"labels"`, and names of columns of
            a table or `obs`; (): none.
        library: whether both are told the sum of the counts of an example, which the decoder
            divides (`keras_vae.networks.LibraryShares`); None: of a `.h5ad` with a likelihood of
            counts.
        likelihood: p(x|z), one of `keras_vae.LIKELIHOODS`; or `"columns"`: each column of a table
            of the family of its kind. None lets the data decide: `"columns"` for a table,
            `"negative_binomial"` for a `.h5ad`, else `"bernoulli"`.
        binarize: `"dynamic"`, `"static"`, `"threshold"`, `"none"`; None lets the data decide
            (`keras_vae.data.default_binarization`).
        beta: weight of the rate in the loss, at least 0; 1 is the evidence lower bound.
        warmup: fraction of training, in [0, 1), over which beta rises to its value.
        free_nats: floor on each example's rate in the loss, in nats, at least 0.
        epochs: passes over the training split; None: 80, of a table more if 3,000 steps need them.
        batch_size: examples a step; None: 128, of a table 64, or an eighth of fewer than 512.
        learning_rate: Adam's first learning rate, above 0; it decays to a hundredth of it along
            a cosine.
        patience: epochs without a better `val_elbo` after which training stops; None: never.
        seed: of the initial weights, the order of the data, the noise.
        track_evidence: whether log p(x), ELBO and their gap are recorded during training.
        tensorboard: whether a TensorBoard log is written into the run's folder.
        precision: of training, one of `PRECISIONS`; `"auto"`: bfloat16 on a GPU, else float32.
        checkpoint_every: steps between checkpoints within an epoch; None: only after epochs.
        distribute: `"mirrored"`: each batch is divided among all local devices;
            `"multi-worker"`: among the processes that TF_CONFIG names; None: one device.

    Raises:
        ConfigError: if a value is out of its range.
    """

    data: object = "mnist5k"
    stream: bool = False
    size: int | None = None
    gray: bool = False
    alpha: str | None = None
    channels: str | None = None
    columns: str | None = None
    label_column: str | None = None
    ignore: tuple[str, ...] = ()
    layer: str | None = None
    split_column: str | None = None
    split_by: str | None = None
    split_order: str | None = None
    window: int | None = None
    stride: int | None = None
    latent: int = None  # type: ignore[assignment]  # the data decide
    network: str = "mlp"
    hidden: tuple[int, ...] | None = None
    condition: tuple[str, ...] = ()
    library: bool | None = None
    likelihood: str | None = None
    binarize: str | None = None
    beta: float = 1.0
    warmup: float = 0.0
    free_nats: float = 0.0
    epochs: int = None  # type: ignore[assignment]
    batch_size: int = None  # type: ignore[assignment]
    learning_rate: float = 2e-3
    patience: int | None = None
    seed: int = 0
    track_evidence: bool = False
    tensorboard: bool = False
    precision: str = "auto"
    checkpoint_every: int | None = None
    distribute: str | None = None

    def __post_init__(self) -> None:
        for name in ("hidden", "condition", "ignore"):
            if isinstance(getattr(self, name), list):  # as JSON gives it
                object.__setattr__(self, name, tuple(getattr(self, name)))
        whole = ("latent", "epochs", "batch_size", "patience", "checkpoint_every", "size")
        for name in (*whole, "window", "stride"):
            value = getattr(self, name)
            is_count = value is None or _is_whole(value, 1)
            self._expect(name, is_count, "a whole number of at least 1, or None")
        self._expect("seed", _is_whole(self.seed, 0), "a whole number in [0, 2**31)")
        is_hidden = self.hidden is None or (
            isinstance(self.hidden, tuple)
            and len(self.hidden) > 0
            and all(_is_whole(width, 1) for width in self.hidden)
        )
        self._expect("hidden", is_hidden, "widths of at least 1, such as (512, 256)")
        for name in ("condition", "ignore"):
            names = getattr(self, name)
            are_names = isinstance(names, tuple) and all(isinstance(n, str) and n for n in names)
            self._expect(name, are_names, 'names, such as ("age",)')
        is_once = len(set(self.condition)) == len(self.condition)
        self._expect("condition", is_once, "each name once")
        if isinstance(self.columns, PurePath):
            object.__setattr__(self, "columns", str(self.columns))
        for name in ("columns", "label_column", *SPLIT_COLUMNS, "layer"):
            value = getattr(self, name)
            self._expect(name, value is None or isinstance(value, str), "a name or path")
        self._expect("library", self.library in (None, True, False), "True, False or None")
        if self.library and self.likelihood not in (None, *COUNTS):
            counts = ", ".join(COUNTS)
            raise ConfigError(f"library: is for counts ({counts}), not {self.likelihood}")
        is_cut = self.stride is None or self.window is not None
        self._expect("stride", is_cut, "None without a window")
        told = [name for name in SPLIT_COLUMNS if getattr(self, name) is not None]
        if len(told) > 1 and not (self.window and told[1:] == ["split_order"]):
            raise ConfigError(f"{' and '.join(told)}: each says how to split; choose one")
        for name, choices in (
            ("network", NETWORKS),
            ("likelihood", (None, *LIKELIHOODS)),
            ("binarize", (None, *BINARIZATIONS)),
            ("alpha", (None, *ALPHAS)),
            ("channels", (None, *CHANNELS)),
            ("precision", PRECISIONS),
            ("distribute", (None, *DISTRIBUTIONS)),
        ):
            names = ", ".join(filter(None, choices))
            self._expect(name, getattr(self, name) in choices, f"one of {names}")
        for name in ("beta", "free_nats"):
            self._expect(name, _is_real(getattr(self, name)), "a finite number of at least 0")
        is_fraction = _is_real(self.warmup) and self.warmup < 1
        self._expect("warmup", is_fraction, "a fraction of training in [0, 1)")
        is_rate = _is_real(self.learning_rate) and self.learning_rate > 0
        self._expect("learning_rate", is_rate, "a finite number above 0")

    def _expect(self, name: str, is_met: bool, expected: str) -> None:
        if not is_met:
            raise ConfigError(f"{name}={getattr(self, name)!r}: expected {expected}")

    @property
    def reading(self) -> dict[str, Any]:
        """How the data are read: keyword arguments of `keras_vae.load_data`."""
        return {name: getattr(self, name) for name in READING}

    @property
    def binarization(self) -> str:
        """`binarize`, of a run whose data have decided on it.

        Raises:
            ConfigError: if they have not.
        """
        self._expect("binarize", self.binarize is not None, f"one of {', '.join(BINARIZATIONS)}")
        return str(self.binarize)

    def replace(self, **changes: Any) -> "Config":
        """A copy with some values changed, checked again."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The values as a dictionary that `json` can write.

        Raises:
            ConfigError: if the data are given in memory: `Run.config` has their name in its place.
        """
        if not isinstance(self.data, (str, PurePath)):
            raise ConfigError(
                f"data: a {type(self.data).__name__} in memory cannot be written as JSON; the "
                "config of a run stores its shape and hash instead"
            )
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        hidden = None if self.hidden is None else list(self.hidden)
        lists = {name: list(getattr(self, name)) for name in ("condition", "ignore")}
        return {**values, "data": str(self.data), "hidden": hidden, **lists}

    @classmethod
    def from_dict(cls, values: object) -> "Config":
        """The record that `to_dict` wrote.

        Raises:
            ConfigError: if a name is unknown or a value out of range.
        """
        if not isinstance(values, dict):
            raise ConfigError(f"expected options by name, got {values!r}")
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ConfigError(f"unknown option {unknown[0]!r}: written by another version?")
        return cls(**values)


def _is_whole(value: Any, least: int) -> bool:
    """Whether `value` is an integer, and no bool, in [least, 2**31)."""
    is_integer = isinstance(value, Integral) and not isinstance(value, bool)
    return is_integer and least <= value < 2**31


def _is_real(value: Any) -> bool:
    """Whether `value` is a number, and no bool, of at least 0 that float32 can hold."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0 <= value < 1e38
