"""What a dense layer sees of the row of a table."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_vae.errors import ConfigError

__all__ = ["FORMS", "ColumnFeatures"]

# How the values of a column come to a network: as they are, or their logarithm, which are then
# standardised; or a category as one-hot.
FORMS = ("identity", "log", "log1p", "one_hot")


@keras.saving.register_keras_serializable(package="keras_vae")
class ColumnFeatures(layers.Layer):
    """[x, mask] of a table -> (batch, features): numbers standardised, categories as one-hot.

    A value that is missing gives 0 in all of its features, for a number its mean; the mask stands
    behind them, so that the network can tell.

    Args:
        forms: of each column, one of `FORMS`.
        center, scale: of each column's numbers after the logarithm, where there is one: what is
            subtracted, and what they are divided by; not read for one_hot.
        classes: of each column, how many categories it has; not read for numbers.

    Raises:
        ConfigError: if a form is unknown, or the four differ in length.
    """

    def __init__(
        self,
        forms: Sequence[str],
        center: Sequence[float],
        scale: Sequence[float],
        classes: Sequence[int],
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("dtype", "float32")  # large values and small differences among them
        super().__init__(**kwargs)
        self.forms, self.classes = tuple(forms), tuple(map(int, classes))
        self.center, self.scale = tuple(map(float, center)), tuple(map(float, scale))
        unknown = set(self.forms) - set(FORMS)
        if unknown:
            raise ConfigError(f"forms={forms!r}: expected each one of {', '.join(FORMS)}")
        if len({len(self.forms), len(self.center), len(self.scale), len(self.classes)}) > 1:
            raise ConfigError(
                f"{len(self.forms)} forms, {len(self.center)} centers, {len(self.scale)} scales "
                f"and {len(self.classes)} numbers of classes: expected one of each for each column"
            )

    def call(self, inputs: Sequence[Any]) -> Any:
        x, mask = (ops.cast(part, "float32") for part in inputs)
        numbers = [j for j, form in enumerate(self.forms) if form != "one_hot"]
        features = [self._standardised(x, mask, numbers)] if numbers else []
        features += [
            ops.one_hot(ops.cast(x[:, j], "int32"), self.classes[j]) * mask[:, j : j + 1]
            for j, form in enumerate(self.forms)
            if form == "one_hot"
        ]
        return ops.concatenate([*features, mask], axis=-1)

    def _standardised(self, x: Any, mask: Any, numbers: list[int]) -> Any:
        """(f(x) - center) / scale where observed, else 0; f the identity, log or log1p."""
        x, mask = ops.take(x, numbers, axis=-1), ops.take(mask, numbers, axis=-1)
        forms = [self.forms[j] for j in numbers]
        has_log = ops.convert_to_tensor([form in ("log", "log1p") for form in forms])
        plus = ops.convert_to_tensor([float(form == "log1p") for form in forms])
        # log1p(x) = log(x + 1); where there is none, or nothing was observed, the log of 1 is taken
        logs = ops.log(ops.where(has_log & (mask > 0), x + plus, 1.0))
        center, scale = (
            ops.convert_to_tensor([part[j] for j in numbers], "float32")
            for part in (self.center, self.scale)
        )
        return ops.where(mask > 0, (ops.where(has_log, logs, x) - center) / scale, 0.0)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        widths = [
            1 if form != "one_hot" else count
            for form, count in zip(self.forms, self.classes, strict=True)
        ]
        return (input_shape[0][0], sum(widths) + len(self.forms))

    def get_config(self) -> dict[str, Any]:
        own = {name: list(getattr(self, name)) for name in ("forms", "center", "scale", "classes")}
        return {**super().get_config(), **own}
