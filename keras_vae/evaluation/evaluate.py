"""How good is the model: the ELBO and its parts on one split of the data, with the protocol."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from keras_vae.data import Dataset, array_of, is_binary
from keras_vae.evaluation.baseline import independent_log_evidence
from keras_vae.evidence import dataset_for, examples_for, posterior_terms
from keras_vae.figure_tables import evaluation_table, html_tables
from keras_vae.measures import active_units, bits_per_dim, standard_error
from keras_vae.terms import elbo
from keras_vae.vae import VAE

__all__ = ["Evaluation", "describe_split", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """Figures of one split: means over its examples, nats per example, beta = 1.

    Attributes:
        split, examples: which examples, and how many.
        elbo, elbo_standard_error: the evidence lower bound; the error is over examples.
        rate: KL(q(z|x) || p(z)), exact unless the protocol says that it is estimated.
        distortion: -E_q[log p(x|z)] over `samples` draws of z for each example.
        bits_per_dim: -elbo / (D ln 2), D the mean number of observed entries; None where the
            likelihood is a density, or gives x no probability (gray values under a Bernoulli).
        active_units, latent: latents whose posterior mean varies over the split, of how many.
        baseline: log p(x) of the pixel-independent model fitted to the training split, or to the
            same examples where they are not split.
        gain, gain_standard_error: elbo - baseline, what z is worth, and of a conditional model the
            condition too, which the baseline does not see; the error is that of the paired
            difference.
        protocol: what the numbers depend on, in words.
        is_conditional: whether the model is told a condition.
    """

    split: str
    examples: int
    elbo: float
    elbo_standard_error: float
    rate: float
    distortion: float
    bits_per_dim: float | None
    active_units: int
    latent: int
    baseline: float
    gain: float
    gain_standard_error: float
    protocol: str
    is_conditional: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The figures as a dictionary that `json` can write."""
        return asdict(self)

    def _repr_html_(self) -> str:
        return html_tables([evaluation_table(self.to_dict())])


def evaluate(
    vae: VAE,
    data: Any,
    binarization: str | None = None,
    split: str | None = None,
    samples: int = 10,
    seed: int = 0,
) -> Evaluation:
    """Evaluates a VAE on one split, or on plain arrays; the same arguments give the same figures.

    Args:
        vae: `VAE`.
        data: `Dataset` whose examples fit the encoder, or what `keras_vae.data.as_dataset` takes
            in its place, such as an array (N, *event_shape).
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`; None: that of the
            `Dataset`, or as the VAE was trained, if it knows (`vae.protocol`), else `"none"`.
        split: `"train"`, `"validation"` or `"test"`, which is the default; of an array `"all"`.
        samples: draws of z for each example.
        seed: of these draws.

    Returns:
        `Evaluation`.

    Raises:
        DataError: if the data do not fit the model or the binarisation.
    """
    dataset = dataset_for(vae, data, binarization)
    split = split or dataset.shown_split
    x = examples_for(vae, dataset.given(split))
    distortion, rate = posterior_terms(vae, x, samples, seed)
    elbos = elbo(distortion, rate)
    baselines = independent_log_evidence(vae.likelihood, dataset, split)
    active = active_units(vae.encode(x)[0])
    # of what is not a level or a count there is no x: `Likelihood.check` refused it
    is_gray = vae.likelihood.is_binary and not is_binary(array_of(x))
    has_bits = vae.likelihood.is_discrete and not is_gray
    of_observed = float(np.mean(elbos)) / dataset.observed(split)
    return Evaluation(
        split=split,
        examples=len(elbos),
        elbo=float(np.mean(elbos)),
        elbo_standard_error=standard_error(elbos),
        rate=float(np.mean(rate)),
        distortion=float(np.mean(distortion)),
        bits_per_dim=bits_per_dim(of_observed, dataset.event_shape) if has_bits else None,
        active_units=int(active.sum()),
        latent=len(active),
        baseline=float(np.mean(baselines)),
        gain=float(np.mean(elbos - baselines)),
        gain_standard_error=standard_error(elbos - baselines),
        protocol=(
            f"{describe_split(dataset, split)}, {len(elbos)} examples; "
            f"{dataset.protocol(split)}; "
            f"{samples} samples of z an example, seed {seed}; beta 1; float32"
            f"{'' if vae.has_exact_rate else '; rate estimated from the samples of z'}"
            f"{'; the baseline does not see the condition' if dataset.is_conditional else ''}"
        ),
        is_conditional=dataset.is_conditional,
    )


def describe_split(dataset: Dataset, split: str) -> str:
    """Which data figures are of, in words."""
    if dataset.is_split:
        return f"{dataset.name}, {split} split"
    return f"{dataset.name}, all of it, the baseline fitted to it too"
