"""keras_vae: variational autoencoders that tell the truth about themselves.

```
x --encoder--> (z_mean, z_log_var) --posterior--> q(z|x) --Sampling--> z --decoder--> p(x|z)
               rate = KL(q(z|x) || p(z))                       distortion = -log p(x|z)

elbo = -(rate + distortion)               nats per example, maximised
loss = mean(distortion + beta * rate)     minimised
```
"""

import keras

if keras.config.backend() != "tensorflow":
    raise ImportError(
        f"keras_vae needs Keras's TensorFlow backend, which its distributions are written for; "
        f"the backend is {keras.config.backend()!r}. Set KERAS_BACKEND=tensorflow"
    )

from keras_vae import (
    data,
    diagnosis,
    distributions,
    evaluation,
    evidence,
    export,
    measures,
    monitoring,
    networks,
    objectives,
    plots,
    runs,
    training,
)
from keras_vae.config import Config
from keras_vae.data import load_data
from keras_vae.diagnosis import diagnose
from keras_vae.distributions import LIKELIHOODS, POSTERIORS, PRIORS
from keras_vae.errors import (
    ConfigError,
    DataError,
    DoesNotApply,
    KerasVAEError,
    OptimizationDiverged,
    RunError,
    TrainingDiverged,
    WorkerLost,
)
from keras_vae.evaluation import evaluate
from keras_vae.objectives import OBJECTIVES
from keras_vae.pictures import draw, draw_evidence
from keras_vae.runs import fit, load_run
from keras_vae.sampling import Sampling
from keras_vae.vae import VAE
from keras_vae.version import __version__

__all__ = [
    "LIKELIHOODS",
    "OBJECTIVES",
    "POSTERIORS",
    "PRIORS",
    "VAE",
    "Config",
    "ConfigError",
    "DataError",
    "DoesNotApply",
    "KerasVAEError",
    "OptimizationDiverged",
    "RunError",
    "Sampling",
    "TrainingDiverged",
    "WorkerLost",
    "__version__",
    "data",
    "diagnose",
    "diagnosis",
    "distributions",
    "draw",
    "draw_evidence",
    "evaluate",
    "evaluation",
    "evidence",
    "export",
    "fit",
    "load_data",
    "load_run",
    "measures",
    "monitoring",
    "networks",
    "objectives",
    "plots",
    "runs",
    "training",
]
