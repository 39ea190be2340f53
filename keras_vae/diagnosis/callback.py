"""A Keras callback that reports during training what will not improve by itself."""

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_vae.aliases import Logs, Tell
from keras_vae.diagnosis.finding import ERROR, WARNING, Finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import CHEAP, STAGES, latents, training, weighting
from keras_vae.diagnosis.subjects.of_vae import left_as_it_was, of_vae
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import DoesNotApply

__all__ = ["Diagnose"]

# What may pass: said only after it has been seen several times in a row.
STAYING = (latents.collapsed, training.encoder_constant, training.decoder_constant)
# Whether such a rule finds something, where its causes take long to look for.
QUICKLY: dict[Callable[..., Any], Callable[..., Any]] = {
    latents.collapsed: latents.may_have_collapsed
}
# What is true of data and code before anything has been learnt, and needs to be asked only once.
AT_ONCE = tuple(
    rule
    for name in ("data", "correctness")
    for rule in STAGES[name]
    if rule in CHEAP and rule not in STAYING and rule is not training.training_mode_differs
)


class Diagnose(keras.callbacks.Callback):
    """Warns, once each, of findings that are certain while training is under way.

    At the first look: what is wrong with data, noise and terms. At every look: NaN, a loss that
    jumps, a warm-up that will not end before training does; and a collapse, or a part of the
    model that is cut off, once it has been seen `patience` times in a row. The training itself is
    the same to the last bit as without the callback.

    Args:
        data: (N, *event_shape): training examples, as the model sees them.
        test_data: examples that it is not trained on.
        subject: function (model, data, test_data, history=..., probe=None) -> `Subject`: `of_vae`
            for a `keras_vae.VAE`, `of_keras_model` for another.
        every: epochs between looks.
        patience: looks in a row after which a finding that might be temporary is reported.
        examples: how many to look at, at most.
        warn: called with each warning, a line.

    Attributes:
        findings: (epoch from 1, `Finding`) of each warning, in order.
    """

    params: dict[str, Any]  # of the training: Keras sets them before it begins

    def __init__(
        self,
        data: np.ndarray,
        test_data: np.ndarray | None = None,
        subject: Callable[..., Subject] = of_vae,
        every: int = 1,
        patience: int = 10,
        examples: int = 500,
        warn: Tell = warnings.warn,
    ) -> None:
        super().__init__()
        self.data, self.test_data, self.subject = data, test_data, subject
        self.every, self.patience, self.examples, self.warn = every, patience, examples, warn
        self.findings: list[tuple[int, Finding]] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self._history: dict[str, list[float]] = {}
        self._seen: dict[Callable[..., Any], int] = {}
        self._has_looked = False

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(float(value))
        if (epoch + 1) % self.every == 0:
            with left_as_it_was(self.model):
                self._look(epoch)

    def _look(self, epoch: int) -> None:
        subject = self.subject(
            self.model, self.data, self.test_data, history=self._history, probe=None
        )
        measured = Measurements(subject, self.examples)
        diverged = training.nonfinite_loss(measured)
        self._tell(epoch, diverged)
        if diverged is not None:
            return  # nothing else can be measured
        for rule in () if self._has_looked else AT_ONCE:
            self._tell(epoch, _asked(rule, measured))
        self._has_looked = True
        self._tell(epoch, _asked(training.loss_jumps, measured))
        if self.params.get("epochs"):
            self._tell(epoch, weighting.warmup_will_not_end(measured, self.params["epochs"]))
        for rule in STAYING:
            is_seen = _asked(QUICKLY.get(rule, rule), measured)
            self._seen[rule] = self._seen.get(rule, 0) + 1 if is_seen else 0
            if self._seen[rule] >= self.patience and not self._has_told(rule.__name__):
                self._tell(epoch, _asked(rule, measured))

    def _tell(self, epoch: int, found: Finding | None) -> None:
        """Warns of a finding that is certain and new."""
        if found is None or found.severity not in (ERROR, WARNING):
            return
        if self._has_told(found.name):
            return
        self.findings.append((epoch + 1, found))
        self.warn(f"epoch {epoch + 1}: {found.name}: {found.cause} {found.remedy}")

    def _has_told(self, name: str) -> bool:
        return name in {told.name for _, told in self.findings}


def _asked(rule: Callable[..., Any], measured: Measurements) -> Any:
    """What a rule finds; nothing where it does not apply."""
    try:
        return rule(measured)
    except DoesNotApply:
        return None
