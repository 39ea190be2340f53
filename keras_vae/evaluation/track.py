"""log p(x), the ELBO and the gap between them while a VAE is trained."""

from typing import Any

import keras
import numpy as np

from keras_vae.aliases import Logs
from keras_vae.evidence.identity import evidence_identity

__all__ = ["TrackEvidence"]

COLUMNS = ("epoch", "log_evidence", "elbo", "posterior_kl", "error")


class TrackEvidence(keras.callbacks.Callback):
    """Records the terms of log p(x) = ELBO + KL(q(z|x) || p(z|x)) every few epochs.

    Does maximising the ELBO raise log p(x), or does it pull q(z|x) towards p(z|x)? One curve
    cannot tell, these can. The weights are those of the end of the epoch.

    Args:
        x: (N, *event_shape), the fixed examples to look at, as the likelihood sees them; or a
            dictionary of them as in `fit`.
        every: epochs between two looks, at least 1; the first and the last epoch are always
            among them.
        samples: K of the bound that stands for log p(x) above 3 latents.

    Attributes:
        columns: dictionary of lists, one value a look: `epoch` (from 1), and the means over the
            examples, in nats, of `log_evidence`, `elbo`, `posterior_kl` and `error` (what may be
            off in log p(x), not its spread over examples).
        method: how log p(x) was found, in words: the least exact look's; None before the first.
    """

    params: dict[str, Any]  # of the training: Keras sets them before it begins
    state = ("columns", "method")  # what a resumed training needs

    def __init__(self, x: Any, every: int, samples: int = 1000) -> None:
        super().__init__()
        self.x, self.every, self.samples = x, every, samples
        self.columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
        self.method: str | None = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        epoch += 1
        if epoch % self.every == 0 or epoch in (1, self.params["epochs"]):
            self._look(epoch)

    def _look(self, epoch: int) -> None:
        identity = evidence_identity(self.model, self.x, self.samples)
        means = (identity.log_evidence, identity.elbo, identity.posterior_kl, identity.error)
        row = (epoch, *(np.mean(values) for values in means))
        for name, value in zip(COLUMNS, row, strict=True):
            self.columns[name].append(float(value))
        if self.method is None or not identity.is_exact:
            self.method = identity.method
