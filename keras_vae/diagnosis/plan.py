"""What can be known to go wrong before anything is trained."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import tree

from keras_vae.aliases import Tell
from keras_vae.config import Config
from keras_vae.data import array_of, binarize, count, examples_to_fit, part_of
from keras_vae.diagnosis.advice import shorter_warmup
from keras_vae.diagnosis.causes import SEVERITIES
from keras_vae.diagnosis.diagnose import Question, ask
from keras_vae.diagnosis.diagnosis import Diagnosis
from keras_vae.diagnosis.finding import ERROR, WARNING, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import classes, columns, data, splits
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.distributions import Likelihood
from keras_vae.evaluation import log_evidence_without_z
from keras_vae.training.warmup import warmup_epochs

__all__ = ["examine_plan"]


@dataclass(frozen=True)
class Plan:
    """A training that has not begun.

    Attributes:
        stored: `Measurements` of the data before binarisation: a draw hides what is equal.
        seen: `Measurements` of the data as the model sees them.
        config: `Config` with its binarisation resolved.
        steps: of training, in all.
    """

    stored: Measurements
    seen: Measurements
    config: Config
    steps: int


def collapse_expected(plan: Plan) -> Finding | None:
    # free nats: a rate up to them costs nothing, whatever beta
    if plan.seen.collapse_threshold is None or plan.config.free_nats:
        return None
    threshold, error = plan.seen.collapse_threshold
    beta = plan.config.beta
    return finding(
        "collapse_expected",
        ERROR,
        Evidence(
            "beta*, KL weight above which a first latent costs more than it gains on these data",
            threshold,
            beta,
            error,
            is_above=False,
        ),
        f"The KL weight is {beta:g}, and above {threshold:.3g} a first latent costs more than it "
        "gains. Training starts near a model without latents, and will stay there.",
        _remedy_of_collapse(beta, threshold),
        "beta lies well below beta*, the largest eigenvalue of the correlations in the data.",
    )


def _remedy_of_collapse(beta: float, threshold: float) -> str:
    if threshold <= 1:  # then the ELBO itself, whose beta is 1, does not help
        return "kvae fit --likelihood gaussian, which learns sigma from the data."
    one = ": kvae fit --beta 1, which is the ELBO" if beta != 1 else ""
    return f"A beta well below {threshold:.3g}{one}; or allow 2 free nats: --free-nats 2."


def warmup_too_long(plan: Plan) -> Finding | None:
    epochs = plan.config.epochs
    full = epochs - warmup_epochs(plan.config.warmup or 0.0, epochs)
    return finding(
        "warmup_too_long",
        WARNING,
        Evidence("fraction of training with the full beta", full / epochs, 0.25, is_above=False),
        f"beta has its full value only in the last {full} of {epochs} epochs, where the learning "
        "rate is almost 0: most steps minimise another loss than the one asked for.",
        f"A shorter warm-up ({shorter_warmup({'warmup': plan.config.warmup})}), or more --epochs.",
        "At least half of training has the full beta.",
    )


def too_few_steps(plan: Plan) -> Finding | None:
    return finding(
        "too_few_steps",
        WARNING,
        Evidence("steps of training in total", plan.steps, 200, is_above=False),
        "In so few steps a network learns little more than the mean of the data, and its latents "
        "look collapsed because training has barely begun.",
        "More --epochs, or a smaller --batch-size, until there are a thousand steps.",
        "A thousand steps or more.",
    )


def learning_rate_too_large(plan: Plan) -> Finding | None:
    return finding(
        "learning_rate_too_large",
        WARNING,
        Evidence("learning rate of Adam", plan.config.learning_rate, 0.03),
        "Adam moves every weight by about the learning rate in each step, whatever the gradient: "
        "at this one units die and z_log_var overflows before anything is learned.",
        "kvae fit --learning-rate 2e-3; half of it if training is still unstable.",
        "0.0005 to 0.005.",
    )


# Of the data before binarisation, of the data as the model sees them, of the options.
STORED = (
    data.nonfinite_data,
    data.data_out_of_range,
    splits.splits_scaled_differently,
    splits.splits_binarized_differently,
    splits.duplicates_across_splits,
    splits.splits_differ,
)
SEEN = (
    data.gray_data_under_bernoulli,
    data.lattice_data_under_density,
    data.binary_data_under_density,
    columns.identifier_as_number,
    columns.count_under_gaussian,
    columns.constant_column,
    classes.rare_category,
    classes.label_leaks,
)
OPTIONS = (collapse_expected, warmup_too_long, too_few_steps, learning_rate_too_large)


def examine_plan(
    train: Any,
    test: Any,
    config: Config,
    likelihood: Likelihood,
    steps: int,
    examples: int = 2000,
    seed: int = 0,
    progress: Tell = lambda what: None,
    **more: Any,
) -> Diagnosis:
    """Says what is wrong with a training before it begins.

    Args:
        train, test: (N, *event_shape), float32: examples before binarisation; or dictionaries of
            them as `x` with `mask`, `condition` or both.
        config: `Config` with its binarisation resolved.
        likelihood: p(x|z) that is to be trained; its weights stay untouched.
        steps: of training, in all.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples.
        progress: called with the name of each rule before it is asked.
        **more: other attributes of `Subject`: `columns`, `conditions`, `labels`.

    Returns:
        `Diagnosis`. Its figures: `beta`, `collapse_threshold` (beta*) with its standard error,
        None where the data are constant, or it does not apply; `baseline`, mean log p(x) of all
        test examples without z, nats, that of `keras_vae.evaluate`; `steps`, `latent`.
    """
    binary = [
        _with_values(x, binarize(array_of(x), config.binarization, name))
        for x, name in ((train, "train"), (test, "test"))
    ]
    plan = Plan(
        Measurements(_without_z(config, likelihood, train, test, more), examples, seed),
        Measurements(_without_z(config, likelihood, binary[0], binary[1], more), examples, seed),
        config,
        steps,
    )
    questions: list[Question] = [
        *((rule, plan.stored) for rule in STORED),
        *((rule, plan.seen) for rule in SEEN),
        *((rule, plan) for rule in OPTIONS),
    ]
    does_not_apply: dict[str, str] = {}
    findings, checked, is_complete = ask(questions, progress, does_not_apply)
    return Diagnosis(
        tuple(sorted(findings, key=lambda found: SEVERITIES.index(found.severity))),
        checked,
        _figures(plan, likelihood, train, binary[1]) if is_complete else {},
        f"before training; {count(plan.seen.given_train)} training and "
        f"{min(examples, count(test))} test examples; a finding must be 2 standard errors beyond "
        f"its threshold; seed {seed}",
        does_not_apply,
    )


def _with_values(given: Any, values: np.ndarray) -> Any:
    """What a model is given, with other values of x."""
    return {**given, "x": values} if isinstance(given, dict) else values


def _without_z(
    config: Config, likelihood: Likelihood, train: Any, test: Any, more: dict[str, Any]
) -> Subject:
    """The model that training begins with: every q(z|x) is the prior, and no output depends on
    z."""
    of_data = OfLikelihood(likelihood)
    fitted, parameters = of_data.fitted_without_z(array_of(train), part_of(train, "mask"))

    def decode(z: np.ndarray, *condition: Any) -> Any:
        return tree.map_structure(lambda part: np.repeat(part[None], len(z), axis=0), parameters)

    return Subject(
        encode=lambda x: (np.zeros((count(x), 1)), np.zeros((count(x), 1))),
        decode=decode,
        likelihood=fitted,
        train=train,
        test=test,
        beta=config.beta,
        **more,
    )


def _figures(plan: Plan, likelihood: Likelihood, train: Any, test: Any) -> dict[str, Any]:
    """Of training examples before binarisation and test examples after it."""
    threshold, error = plan.seen.known_threshold or (None, None)
    x_train = examples_to_fit(array_of(train), plan.config.binarization, likelihood.is_binary)
    fitted_to = _with_values(train, x_train)
    with np.errstate(invalid="ignore"):  # of data out of range, which is a finding
        baseline = float(np.mean(log_evidence_without_z(likelihood, fitted_to, test)))
    return {
        "beta": plan.config.beta,
        "collapse_threshold": threshold,
        "collapse_threshold_standard_error": error,
        "baseline": baseline,
        "steps": plan.steps,
        "latent": plan.config.latent,
    }
