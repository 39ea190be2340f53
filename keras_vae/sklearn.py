"""VAETransformer: a VAE of a table as an estimator of scikit-learn."""

import tempfile
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from keras_vae.config import Config
from keras_vae.data import Dataset, audit_dataset, decided, name_in_memory
from keras_vae.data.assemble import assemble
from keras_vae.data.examples import SPLIT_SEED
from keras_vae.data.sources.tables import read_table
from keras_vae.data.tables import Schema, is_table, read_frame
from keras_vae.errors import ConfigError, DataError
from keras_vae.training.train import train

__all__ = ["VAETransformer"]

OF_CONFIG = (
    "latent", "hidden", "likelihood", "beta", "epochs", "batch_size", "learning_rate", "patience",
)  # fmt: skip
LEAST = 4  # rows: two to train on, and two to choose the epoch by


class VAETransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A VAE that takes and gives what estimators of scikit-learn do.

    X is a table: a DataFrame of pandas or polars, or an array of numbers (N, C), whose columns are
    called x0, x1, ... What each column is, is inferred of the rows of `fit`, as `kvae fit` does
    (docs/tables.md); NaN is a gap. A tenth of these rows, two at least, is not trained on: the
    weights are those of the epoch with the best ELBO of them.

    Args:
        latent, hidden, likelihood, beta, epochs, batch_size, learning_rate, patience: as those of
            `keras_vae.Config`.
        columns: corrections of what is inferred, or a whole `Schema`, as for
            `keras_vae.load_data`.
        samples: K of `score_samples`, at least 2.
        random_state: None, a seed, or a NumPy `RandomState`: of the training and of
            `score_samples`.

    Attributes:
        vae_: the trained `VAE`.
        schema_: `Schema`: the kind of each column, with the reason.
        history_: reported means of each epoch, by name.
        seed_: that `random_state` gave to `fit`.
        n_features_in_: C.
        feature_names_in_: object (C,), if the columns of X have names.
    """

    def __init__(
        self,
        latent: int | None = Config.latent,
        hidden: tuple[int, ...] | None = Config.hidden,
        likelihood: str | None = Config.likelihood,
        beta: float = Config.beta,
        epochs: int | None = Config.epochs,
        batch_size: int | None = Config.batch_size,
        learning_rate: float = Config.learning_rate,
        patience: int | None = Config.patience,
        columns: Any = None,
        samples: int = 100,
        random_state: Any = None,
    ) -> None:
        self.latent = latent
        self.hidden = hidden
        self.likelihood = likelihood
        self.beta = beta
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.columns = columns
        self.samples = samples
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> "VAETransformer":
        """Trains a VAE of the rows of X.

        Args:
            X: DataFrame, or numbers (N, C), with 4 rows at least.
            y: ignored.

        Raises:
            ConfigError: if a parameter is out of its range.
            DataError: as `keras_vae.load_data`; ValueError: of scikit-learn, for what is no table.
            TrainingDiverged: if a term became NaN or infinite in the first epoch.
        """
        frame = self._frame(X, reset=True)
        self.seed_ = int(check_random_state(self.random_state).randint(2**31 - 1))
        dataset, schema = self._dataset(frame)
        values = {name: getattr(self, name) for name in OF_CONFIG}
        config = decided(Config(data=dataset.name, seed=self.seed_, **values), dataset)
        for line in [*audit_dataset(dataset, config.likelihood), *dataset.warnings]:
            warnings.warn(line, stacklevel=2)
        with tempfile.TemporaryDirectory() as folder:
            training = train(config, dataset, folder, resumable=False)
        if training.ended == "interrupted":
            raise KeyboardInterrupt
        if training.ended != "finished":
            warnings.warn(training.ended, ConvergenceWarning, stacklevel=2)
        self.vae_, self.schema_, self.history_ = training.vae, schema, training.history
        self._constants = {
            column.name: frame[column.name].bfill().iloc[0]
            for column in schema.columns
            if column.kind == "constant"
        }
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The means of q(z|x): float32 (N, latent).

        Raises:
            DataError: if a value does not fit its column: which, and what was expected.
        """
        given = self._given(X)
        z_mean, _ = self.vae_.encode(given)
        return z_mean

    def inverse_transform(self, X: Any) -> Any:
        """The means of p(x|z), of categories the most probable one, as the table of `fit` has them.

        Args:
            X: latents (N, latent).

        Returns:
            A DataFrame with the columns and dtypes of that of `fit`, or an array (N, C) if the
            columns had no names. A constant column has its value, and a column that is not modelled
            NaN.
        """
        check_is_fitted(self)
        rows = self.schema_.decode(self.vae_.decode(X)).assign(**self._constants)
        rows = rows.reindex(columns=_names(self.schema_))
        return rows if hasattr(self, "feature_names_in_") else rows.to_numpy()

    def score_samples(self, X: Any) -> np.ndarray:
        """log p(x) of each row, of what it has, in the values as given: float64 (N,), nats.

        It is the bound L_K of `VAE.log_likelihood`, with K = `samples`, and always of the same
        draws; a row has others in another place.
        """
        given = self._given(X)
        log_evidence, _ = self.vae_.log_likelihood(given, self.samples, self.seed_)
        return log_evidence

    def score(self, X: Any, y: None = None) -> float:
        """The mean of `score_samples`, nats a row."""
        return float(np.mean(self.score_samples(X)))

    def _frame(self, X: Any, reset: bool) -> pd.DataFrame:
        """X as a table, with the checks and the messages of scikit-learn, which finds columns by
        their place."""
        if is_table(X):
            frame = read_frame(X)  # first: scikit-learn does not say which two columns share a name
            validate_data(self, X, reset=reset, skip_check_array=True)
        else:
            X = validate_data(self, X, reset=reset, ensure_all_finite="allow-nan")
            frame = pd.DataFrame(X).add_prefix("x")
        return frame if reset else frame.set_axis(_names(self.schema_), axis=1)

    def _dataset(self, frame: pd.DataFrame) -> tuple[Dataset, Schema]:
        """The rows of `fit` in their splits, and what their columns are."""
        if len(frame) < LEAST:
            raise DataError(f"n_samples={len(frame)}: expected at least {LEAST} rows to fit")
        source = read_table(frame, columns=self.columns)
        assert source.schema is not None  # a table has one
        if source.schema.told:
            raise ConfigError(
                f"columns: {source.schema.told[0].name!r} is a condition, which latents alone do "
                f"not tell; make it a column of another kind, or train with keras_vae.fit"
            )
        splits = source.splits or _held_out(len(frame))
        return assemble(name_in_memory(frame), source._replace(splits=splits)), source.schema

    def _given(self, X: Any) -> dict[str, np.ndarray]:
        """X as the VAE takes it."""
        check_is_fitted(self)
        x, mask = self.schema_.encode(self._frame(X, reset=False))
        return {"x": x, "mask": mask}

    @property
    def _n_features_out(self) -> int:
        return self.vae_.latent_dim

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]  # whatever it is given
        return tags


def _names(schema: Schema) -> list[str]:
    return [column.name for column in schema.columns]


def _held_out(rows: int) -> dict[str, np.ndarray]:
    """A tenth, two rows at least, to choose the epoch by; all others are trained on."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    held = max(2, rows // 10)
    return {"train": order[held:], "validation": order[:held], "test": order[:held]}
