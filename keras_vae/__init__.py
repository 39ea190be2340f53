"""keras_vae: variational autoencoders that tell the truth about themselves.

```
x --encoder--> (z_mean, z_log_var) --posterior--> q(z|x) --Sampling--> z --decoder--> p(x|z)
               rate = KL(q(z|x) || p(z))                       distortion = -log p(x|z)

elbo = -(rate + distortion)               nats per example, maximised
loss = mean(distortion + beta * rate)     minimised
```

Each part is loaded when it is first asked for: TensorFlow takes seconds, and a wrong path or a look
into a run's folder needs none of it.
"""

from typing import TYPE_CHECKING

from keras_vae.on_demand import loaded_on_demand
from keras_vae.version import __version__
from keras_vae.with_keras import load_with_keras

if TYPE_CHECKING:
    from keras_vae import (
        data,
        diagnosis,
        distributions,
        evaluation,
        evidence,
        export,
        files,
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
    from keras_vae.diagnosis.diagnose import diagnose
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
    from keras_vae.evaluation import evaluate, impute, score
    from keras_vae.objectives import OBJECTIVES
    from keras_vae.pictures import draw, draw_evidence
    from keras_vae.runs import fit, load_run
    from keras_vae.sampling import Sampling
    from keras_vae.vae import VAE

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
    "files",
    "fit",
    "impute",
    "load_data",
    "load_run",
    "measures",
    "monitoring",
    "networks",
    "objectives",
    "plots",
    "runs",
    "score",
    "training",
]

# Module -> the names that the package has of it, as type checkers see them above.
_NAMES = {
    "config": ("Config",),
    "data": ("load_data",),
    "diagnosis.diagnose": ("diagnose",),
    "distributions": ("LIKELIHOODS", "POSTERIORS", "PRIORS"),
    "errors": (
        "ConfigError",
        "DataError",
        "DoesNotApply",
        "KerasVAEError",
        "OptimizationDiverged",
        "RunError",
        "TrainingDiverged",
        "WorkerLost",
    ),
    "evaluation": ("evaluate", "impute", "score"),
    "objectives": ("OBJECTIVES",),
    "pictures": ("draw", "draw_evidence"),
    "runs": ("fit", "load_run"),
    "sampling": ("Sampling",),
    "vae": ("VAE",),
}

if not TYPE_CHECKING:  # which would take every name for one of ours
    __getattr__, __dir__ = loaded_on_demand(__name__, _NAMES)

load_with_keras()
