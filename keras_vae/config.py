"""Config: every choice that a training run depends on, as one flat frozen record."""

from dataclasses import dataclass, fields, replace
from pathlib import PurePath
from typing import Any

from keras_vae.check_config import check_config, expect
from keras_vae.choices import BINARIZATIONS, READING
from keras_vae.errors import ConfigError

__all__ = ["Config"]


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
        network: `"mlp"`, `"gated_mlp"`, `"conv"` or `"resnet"`, for the encoder and, mirrored, the
            decoder.
        hidden: mlp: units of each hidden layer, (512, 256) if None, of a table (128, 64); gated_mlp
            the same, (300, 300) if None; conv: channels of each stride-2 stage, (32, 64) if None;
            resnet: the same, if None as many as the images need.
        activation: mlp: of its hidden layers, `"relu"`, `"tanh"` or `"elu"`.
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
        prior: p(z), one of `keras_vae.PRIORS`.
        components: of prior mixture or vamp; None: 500.
        posterior: the family of q(z|x), one of `keras_vae.POSTERIORS`.
        objective: what training minimises, one of `keras_vae.OBJECTIVES`.
        samples: K, draws of z an example and step; None: 50 of objective iwae, else 1.
        resampled: of objective iwae: S below K, draws whose gradient is followed, drawn again by
            their weights; 0: all.
        gradient: `"plain"`; `"dreg"` of objective iwae; `"stl"` of objective elbo.
        capacity: of objective elbo: nats that the rate is held at; None: not.
        beta: weight of the rate in the loss, at least 0; 1 is the evidence lower bound. Of
            beta-tc of the total correlation; of iwae of log p(z) - log q(z|x).
        warmup: fraction of training, in [0, 1), over which beta, or the capacity where there is
            one, rises to its value; None: 0.2 of more than 10 latents or of prior vamp, 0.5 of a
            capacity, else 0.
        free_nats: floor on each example's rate in the loss, in nats, at least 0.
        epochs: passes over the training split; None: 80, of a table more if 3,000 steps need them.
        batch_size: examples a step; None: 128, of a table 64, or an eighth of fewer than 512.
        learning_rate: Adam's first learning rate, above 0.
        schedule: how it falls: `"cosine"`, to a hundredth; `"burda"`, in eight stages to a tenth,
            each three times as long as the one before; `"constant"`, not at all.
        clip_norm: length to which the gradient of all weights is cut; None: not.
        ema: momentum of averages of the weights over steps, which are validated, kept and returned
            in their place, in [0, 1), its power of all steps at most 0.1; 0: none.
        patience: epochs without a better `val_elbo` (of an objective that is not the ELBO
            `val_loss`) after which training stops; None: never.
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
    activation: str = "relu"
    condition: tuple[str, ...] = ()
    library: bool | None = None
    likelihood: str | None = None
    binarize: str | None = None
    prior: str = "standard"
    components: int | None = None
    posterior: str = "diagonal"
    objective: str = "elbo"
    samples: int = None  # type: ignore[assignment]
    resampled: int = 0
    gradient: str = "plain"
    capacity: float | None = None
    beta: float = 1.0
    warmup: float = None  # type: ignore[assignment]
    free_nats: float = 0.0
    epochs: int = None  # type: ignore[assignment]
    batch_size: int = None  # type: ignore[assignment]
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    clip_norm: float | None = None
    ema: float = 0.0
    patience: int | None = None
    seed: int = 0
    track_evidence: bool = False
    tensorboard: bool = False
    precision: str = "auto"
    checkpoint_every: int | None = None
    distribute: str | None = None

    def __post_init__(self) -> None:
        check_config(self)

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
        expect(self, "binarize", self.binarize is not None, f"one of {', '.join(BINARIZATIONS)}")
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
