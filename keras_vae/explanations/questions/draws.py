"""How is the expectation in the ELBO computed, and how many draws does it take?"""

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.evidence import elbo_by_quadrature
from keras_vae.explanations.answer import Answer, answered
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import number, table

__all__ = ["answer", "estimates"]

COUNTS = (1, 10, 100, 1000)
BATCH = 128  # examples, as `kvae fit` has them
# Standard errors within which an estimate is expected.
EXPECTED = 3.0


def estimates(values: np.ndarray) -> list[tuple[int, float, float]]:
    """(draws n, mean of the first n, its standard error std / sqrt(n)) for each of `COUNTS`; the
    std is that of all values."""
    spread = float(np.std(values, ddof=1))
    return [(n, float(values[:n].mean()), spread / n**0.5) for n in COUNTS]


def answer(material: Material) -> Answer:
    """The Monte Carlo estimate of E_q[log p(x|z)] of one example, by the number of draws."""
    values = _values(material)
    found = estimates(values)
    spread = float(np.std(values, ddof=1))
    rate = float(material.rate[0])
    exact = None
    if material.has_quadrature and not material.not_standard:
        # E_q[log p(x|z)] = ELBO + KL(q(z|x) || p(z))
        exact = float(elbo_by_quadrature(material.vae, material.one)[0]) + rate
    rows = [(f"{n:,}", number(mean), number(error)) for n, mean, error in found]
    if exact is not None:
        rows.append(("exact", number(exact), "by quadrature"))
        away = abs(found[-1][1] - exact)
        error = found[-1][2]
        checked = (
            f"The last estimate is {number(away)} from the exact value, within what its error "
            "allows."
            if away <= EXPECTED * error + 0.02
            else f"The last estimate is {number(away)} from the exact value, more than its error "
            "allows: far draws that are rare count for much here."
        )
    else:
        checked = "There is no exact value to compare with for this model: the error must tell."
    of_draws = spread / BATCH**0.5
    of_examples = float(np.std(material.distortion, ddof=1)) / BATCH**0.5
    paragraphs = [
        "The ELBO needs E_q[log p(x|z)], an average over all z that q(z|x) allows. The decoder is "
        "a network, so no formula gives it. It is estimated: draw z = mean + std * epsilon, "
        "epsilon ~ N(0, I), and average log p(x|z). Mean and std stand outside of the noise, so "
        "gradients pass through them."
        if not material.not_normal
        else "The ELBO needs E_q[log p(x|z)], an average over all z that q(z|x) allows. The "
        "decoder is a network, so no formula gives it. It is estimated: draw z as a function of "
        "noise, through which gradients pass, and average log p(x|z).",
        f"For {material.name}:",
        table(("draws", "estimate", "standard error"), *rows),
        f"{checked} The error falls with the square root of the number of draws.",
        f"One draw errs by {number(spread)} nats. Training takes one draw for each example and "
        f"averages over a batch: of {BATCH} examples the draws then add an error of "
        f"{number(of_draws)} nats. The choice of the examples adds {number(of_examples)}. "
        + (
            "So one draw is enough."
            if of_draws < of_examples
            else "So more draws an example would make training less noisy here."
        ),
    ]
    numbers = {
        "draws": [n for n, _, _ in found],
        "estimate": [mean for _, mean, _ in found],
        "standard_error": [error for _, _, error in found],
        "exact": exact,
        "rate": rate,
    }
    return answered(
        "draws", paragraphs, numbers, material.protocol, lambda: _draw(material, values, exact)
    )


def _values(material: Material) -> np.ndarray:
    """log p(x|z) of the one example at many draws of its q(z|x)."""
    parameters = material.vae.posterior_parameters(material.one)
    drawn = material.vae.sampling(parameters, seed=material.seed, samples=COUNTS[-1])
    return material.log_likelihood(np.asarray(drawn)[:, 0])


def _draw(material: Material, values: np.ndarray, exact: float | None) -> Figure:
    counts = np.unique(np.geomspace(1, len(values), 60).astype(int))
    means = np.cumsum(values)[counts - 1] / counts
    errors = np.std(values, ddof=1) / np.sqrt(counts)
    lines = {"mean of the first draws": means}
    if exact is not None:
        lines["exact, by quadrature"] = np.full(len(counts), exact)
    return plots.curves(
        counts, lines, f"E_q[log p(x|z)] of {material.told(0)} by the number of draws",
        "draws of z", "nats", "Band: one standard error.",
        errors={"mean of the first draws": errors}, log_x=True,
    )  # fmt: skip
