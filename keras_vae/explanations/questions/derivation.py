"""How does each line of the derivation follow from the one before?"""

from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.explanations.answer import Answer, Lines, answered
from keras_vae.explanations.material import Material
from keras_vae.explanations.words import formula, number

__all__ = ["answer"]


def answer(material: Material) -> Answer:
    """The lines, why each holds, and the numbers of one example in the last."""
    identity = material.identity
    count = len(identity.elbo)
    evidence, elbo = float(identity.log_evidence[0]), float(identity.elbo[0])
    gap, rate = float(identity.posterior_kl[0]), float(material.rate[0])
    likelihood = elbo + rate  # E_q[log p(x|z)]
    at_least = "" if material.has_quadrature else ", which are known from below"
    off = abs(float(identity.residual[0]))
    paragraphs = [
        Lines(
            "1  log p(X) = sum_n log p(x_n)\n"
            "2  log p(x) = E_q[log p(x)],  z ~ q(z|x)\n"
            "3           = E_q[log p(x|z) + log p(z) - log p(z|x)]\n"
            "4           = E_q[log p(x|z)] - KL(q(z|x) || p(z)) + KL(q(z|x) || p(z|x))"
        ),
        f"Line 1: the examples are independent, so the log of their joint probability is a sum. "
        f"Of {count} examples of this model{at_least}: log p(X) = "
        f"{number(float(identity.log_evidence.sum()))}. From here on x is one of them.",
        "Line 2: p(x) does not depend on z, so an average over z changes nothing. No condition on "
        "x is lost: q(z|x) is what z is drawn from, and E_q is short for that.",
        "Line 3: Bayes' theorem, p(x) = p(x|z) p(z) / p(z|x), which holds at every z.",
        "Line 4: add and subtract log q(z|x), and sort. TWO different KLs come out, of the same "
        f"q(z|x): one to the PRIOR p(z), one to the POSTERIOR p(z|x). For {material.name}:",
        formula(
            ("log p(x)", number(evidence)), "=", ("E_q[log p(x|z)]", number(likelihood)), "-",
            ("KL to prior", number(rate)), "+", ("KL to posterior", number(gap)),
        ),
        f"The first two terms on the right are the ELBO, {number(elbo)}. "
        + (
            f"Each term was computed by itself, and the two sides differ by {off:.4f} nats."
            if material.has_quadrature
            else f"{material.no_quadrature}: the last term is the difference of L_1000 and the "
            f"ELBO, so the line holds here by definition, and the last term is at least this large."
        ),
        _of_kls(rate, gap),
    ]  # fmt: skip
    numbers = {
        "log_evidence": evidence,
        "expected_log_likelihood": likelihood,
        "elbo": elbo,
        "kl_to_prior": rate,
        "kl_to_posterior": gap,
        "sum_of_log_evidence": float(identity.log_evidence.sum()),
        "examples": count,
        "residual": off,
        "method": identity.method,
    }
    terms = {
        "log p(x)": evidence,
        "E_q[log p(x|z)]": likelihood,
        "ELBO": elbo,
        "KL to prior": rate,
        "KL to posterior": gap,
    }
    return answered(
        "derivation", paragraphs, numbers, material.protocol, lambda: _draw(material, terms)
    )


def _of_kls(to_prior: float, to_posterior: float) -> str:
    if to_prior < 0.1 and to_posterior < 0.1:
        return (
            "Both are almost 0 here: q(z|x), prior and posterior are nearly the same distribution, "
            "because x says next to nothing about z in this model."
        )
    return (
        "The first KL is what training can compute and pays for. The second needs p(z|x), which "
        "training does not know; it is the gap."
    )


def _draw(material: Material, terms: dict[str, float]) -> Figure:
    title = f"The terms of line 4 for {material.told(0)}"
    return plots.bars(terms, title, "nats")
