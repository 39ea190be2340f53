"""Do the estimates of log p(x) agree with exact quadrature on MNIST, and what do they cost?

Takes a model with 2 latents that was fitted to all of MNIST, such as
`kvae fit --latent 2 --data mnist --epochs 20` leaves. Reports, for the test split,

1. exact evidence of all images: seconds and memory;
2. for the first 1,000: what is left of log p(x) - ELBO - KL(q(z|x) || p(z|x));
3. L_K up to K = 5,000 beside the exact value, image by image;
4. annealed importance sampling of the first 100 beside it;
5. L_5000 of 1,000 images with a 200-200 MLP and 50 latents: seconds;
6. as 4, with fewer chains for the first 1,000;
7. exact values of 59 images beside those of a far finer rule.

Usage: python benchmarks/evidence.py MODEL [part ...]
"""

import resource
import sys
import time

import numpy as np

from keras_vae import VAE, load_run
from keras_vae.evidence import (
    annealed_evidence,
    evidence_identity,
    exact,
    exact_evidence,
    importance_gap,
    importance_weighted_bound,
)
from keras_vae.measures import standard_error
from keras_vae.networks import mlp_decoder, mlp_encoder

KS = (1, 10, 100, 1000, 5000)
STEPS = 500


def timed(function, *arguments, **options):
    start = time.monotonic()
    result = function(*arguments, **options)
    return result, time.monotonic() - start


def whole_split(vae, x):
    result, seconds = timed(exact_evidence, vae, x)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"log p(x) of {len(x)} images: {result.log_evidence.mean():.4f} nats, {seconds:.1f} s")
    print(f"largest error {result.error.max():.4f}, exact: {result.is_exact.mean():.2%}")
    print(f"memory of the whole process: {memory:.2f} GiB")


def identity(vae, x):
    terms, seconds = timed(evidence_identity, vae, x)
    print(f"identity of {len(x)} images: {seconds:.1f} s")
    for name in ("log_evidence", "elbo", "posterior_kl"):
        values = getattr(terms, name)
        print(f"  {name}: {values.mean():.4f} ± {standard_error(values):.4f}")
    left = terms.residual
    print(f"  left over: mean {left.mean():.5f}, 99 % {np.quantile(left, 0.99):.5f}, "
          f"largest {left.max():.5f}")  # fmt: skip


def bounds(vae, x):
    truth = exact_evidence(vae, x)
    result, seconds = timed(importance_weighted_bound, vae, x, KS)
    print(f"L_K of {len(x)} images: {seconds:.1f} s")
    for k, values in zip(result.ks, result.bounds, strict=True):
        above = values - truth.log_evidence
        print(f"  L_{k} - log p(x): {above.mean():.3f} ± {standard_error(above):.3f}")
    compare(result.bounds[-1], result.standard_error, truth, result.is_trusted, "trusted by k-hat")
    print(f"  doubts: {result.doubts}")
    gap = importance_gap(vae, 1000, KS[-1])
    print(f"  bound from above - L_{KS[-1]} on simulated images: {gap.mean():.3f} "
          f"± {standard_error(gap):.3f}")  # fmt: skip


def annealing(vae, x, chains):
    truth = exact_evidence(vae, x)
    result, seconds = timed(annealed_evidence, vae, x, chains, STEPS)
    above = result.log_evidence - truth.log_evidence
    print(f"AIS of {len(x)} images, {chains} chains, {STEPS} steps: {seconds:.1f} s")
    print(f"  acceptance {result.acceptance:.2f}")
    print(f"  AIS - log p(x): {above.mean():.3f} ± {standard_error(above):.3f}")
    compare(result.log_evidence, result.standard_error, truth, np.ones(len(x), bool), "all")


def compare(estimate, error, truth, chosen, name):
    """How many stated errors an estimate lies from the exact value."""
    scores = ((estimate - truth.log_evidence) / np.hypot(error, truth.error))[chosen]
    print(f"  {name}: {chosen.sum()} images, mean difference "
          f"{np.mean((estimate - truth.log_evidence)[chosen]):.4f}; in stated errors: "
          f"rms {np.sqrt(np.mean(scores**2)):.2f}, lowest {scores.min():.1f}, "
          f"highest {scores.max():.1f}, within 3: {np.mean(np.abs(scores) <= 3):.1%}")  # fmt: skip
    highest = ((estimate - truth.log_evidence) / np.hypot(error, truth.error)).max()
    print(f"  of all images the highest above log p(x): {highest:.1f} stated errors")


def finer(vae, x):
    default = exact_evidence(vae, x)
    exact.SPACING = {2: 0.04}
    exact.LOG_NEGLIGIBLE_SHARE, exact.TARGET_ERROR = -60.0, 0.0005
    moved = np.abs(exact_evidence(vae, x).log_evidence - default.log_evidence)
    print(f"a finer rule moves {len(x)} exact values by at most {moved.max():.4f} nats")


def fifty_latents(x):
    shape, widths = x.shape[1:], (200, 200)
    vae = VAE(mlp_encoder(shape, 50, widths), mlp_decoder(shape, 50, widths), seed=0)
    _, seconds = timed(importance_weighted_bound, vae, x, (5000,))
    print(f"L_5000 of {len(x)} images with 50 latents: {seconds:.1f} s")


run = load_run(sys.argv[1])
x = run.examples(run.load_data(), "test").x
parts = {
    "1": lambda: whole_split(run.vae, x),
    "2": lambda: identity(run.vae, x[:1000]),
    "3": lambda: bounds(run.vae, x[:1000]),
    "4": lambda: annealing(run.vae, x[:100], 16),
    "5": lambda: fifty_latents(x[:1000]),
    "6": lambda: annealing(run.vae, x[:1000], 4),
    "7": lambda: finer(run.vae, x[:1000:17]),
}
for part in sys.argv[2:] or parts:
    parts[part]()
