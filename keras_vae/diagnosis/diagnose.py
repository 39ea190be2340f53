"""A subject -> its findings, ranked, each with what it follows from."""

from dataclasses import dataclass, field, fields, replace

import numpy as np

from keras_vae.data import Dataset, as_dataset
from keras_vae.diagnosis.answers import held_to_its_word
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING, Finding
from keras_vae.diagnosis.likelihoods import as_likelihood
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.of_vae import of_dataset
from keras_vae.diagnosis.rules import CHEAP, STAGES
from keras_vae.diagnosis.subject import Subject
from keras_vae.errors import ConfigError, DataError, DoesNotApply, check_name
from keras_vae.vae import VAE

__all__ = ["Diagnosis", "ask", "diagnose", "examine"]

# What a `Subject` has besides what `diagnose` names.
ARGUMENTS = [field.name for field in fields(Subject)[5:]]
SEVERITIES = (ERROR, WARNING, INFO, UNDETERMINED)
STAGE_OF = {rule.__name__: stage for stage, rules in enumerate(STAGES.values()) for rule in rules}
# From this stage on a warning explains what comes after; an error is explained by no warning of
# a later one.
WEIGHTING = list(STAGES).index("weighting")
# What is said before anything else, with its cause.
WORSE = "worse_than_without_z"
# What no finding of another stage explains.
NEVER_FOLLOWS = {"warmup_unfinished", "duplicates_across_splits", WORSE}


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a model.

    Attributes:
        findings: `Finding`s, the most likely cause first; what follows from others after them.
        checked: names of the rules that ran.
        figures: the main measurements by name, nats where they are terms of the ELBO.
        protocol: what they depend on, in words.
        does_not_apply: name of each rule that is made for other models than this one -> why.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    figures: dict
    protocol: str
    does_not_apply: dict = field(default_factory=dict)

    @property
    def causes(self):
        """The errors and warnings that follow from no other."""
        return tuple(
            f for f in self.findings if f.follows_from is None and f.severity in (ERROR, WARNING)
        )

    @property
    def verdict(self):
        """The worst severity: `"error"`, `"warning"` or `"healthy"`."""
        severities = {finding.severity for finding in self.findings}
        return next((s for s in (ERROR, WARNING) if s in severities), "healthy")

    def __getitem__(self, name):
        return next(finding for finding in self.findings if finding.name == name)

    def __contains__(self, name):
        return any(f.name == name and f.severity != UNDETERMINED for f in self.findings)

    def to_dict(self):
        """The diagnosis as a dictionary that `json` can write."""
        return {
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
            "figures": self.figures,
            "checked": list(self.checked),
            "protocol": self.protocol,
            **({"does_not_apply": self.does_not_apply} if self.does_not_apply else {}),
        }


def diagnose(
    encode=None,
    decode=None,
    likelihood=None,
    data=None,
    test_data=None,
    examples=2000,
    seed=0,
    cheap=False,
    progress=lambda what: None,
    **more,
):
    """Says what is wrong with a VAE of any framework, with evidence, cause and remedy.

    For a `keras_vae.VAE` it takes only the model and data: `diagnose(vae, x)`,
    `diagnose(vae, x, test_data=x_test)` or `diagnose(vae, dataset)`. The data are then binarised
    as `vae.protocol` says.

    Args:
        encode: x (N, *event_shape) -> (z_mean, z_log_var), arrays (N, d); z_log_var is the
            natural log of the VARIANCE.
        decode: z (N, d) -> parameters of p(x|z), (N, *event_shape).
        likelihood: `"bernoulli"` (decode gives probabilities), `"bernoulli_logits"`,
            `"continuous_bernoulli"`, `"continuous_bernoulli_logits"`, `"gaussian"` (decode gives
            the mean; sigma is the one that fits the errors best), or an object such as
            `keras_vae.diagnosis.Gaussian(sigma=0.1)`.
        data: (N, *event_shape): training examples, as the model sees them.
        test_data: examples that it was not trained on.
        examples: how many of each to look at, at most.
        seed: of every draw: the same arguments give the same diagnosis.
        cheap: whether to skip the checks that take more than a few seconds.
        progress: called with the name of each rule before it is asked.
        **more: the other attributes of `Subject`: `sample`, `loss_fn`, `history`, `probe` and so
            on; each allows more to be looked at.

    Returns:
        `Diagnosis`.

    Raises:
        ConfigError: if an argument is missing, of another kind than that, or a function returns
            something else than it should.
        DataError: if the examples are not real numbers, fewer than 2, or of two shapes.
    """
    for name in more:
        check_name("diagnose argument", name, ARGUMENTS)
    if isinstance(encode, VAE):
        subject = _of_vae(encode, decode, likelihood, data, test_data, more)
    else:
        given = {"encode": encode, "decode": decode, "likelihood": likelihood, "data": data}
        missing = [name for name, value in given.items() if value is None]
        if missing:
            raise ConfigError(
                f"diagnose: {missing[0]} is missing; give encode, decode, likelihood and data, or "
                f"a keras_vae.VAE and data"
            )
        likelihood = as_likelihood(likelihood)
        data = _examples("data", data)
        if test_data is not None:
            test_data = _examples("test_data", test_data)
            if test_data.shape[1:] != data.shape[1:]:
                raise DataError(
                    f"test_data has examples of shape {test_data.shape[1:]}, data of "
                    f"{data.shape[1:]}; give examples of one shape"
                )
        subject = held_to_its_word(Subject(encode, decode, likelihood, data, test_data, **more))
    return examine(subject, examples, seed, cheap, progress)


def _examples(name, x):
    """The examples as an array of numbers, (N, *event_shape)."""
    x = np.asarray(x)
    x = x.astype("float32") if x.dtype == bool else x
    if not np.issubdtype(x.dtype, np.number) or np.iscomplexobj(x):
        raise DataError(f"{name} holds values of dtype {x.dtype}; expected real numbers")
    if not x.ndim or len(x) < 2:
        raise DataError(
            f"{name} has shape {x.shape}; expected (N, *event_shape) with at least 2 examples"
        )
    return x


def _of_vae(vae, decode, likelihood, data, test_data, more):
    """The subject of `diagnose(vae, data)`, whose second place is that of `decode`."""
    data = decode if data is None else data
    if data is None or callable(data) or likelihood is not None:
        raise ConfigError(
            "diagnose: a keras_vae.VAE has its own decoder and likelihood; give diagnose(vae, data)"
        )
    dataset = as_dataset(data)
    if test_data is not None:
        test = as_dataset(test_data)
        dataset = Dataset(dataset.name, dataset.train, dataset.validation, test.test)
    return of_dataset(vae, dataset, **more)


def examine(subject, examples=2000, seed=0, cheap=False, progress=lambda what: None):
    """`diagnose` of a `Subject`."""
    measurements = Measurements(subject, examples, seed)
    rules = [rule for stage in STAGES.values() for rule in stage if not cheap or rule in CHEAP]
    does_not_apply = {}
    findings, checked, is_complete = ask(
        [(rule, measurements) for rule in rules], progress, does_not_apply
    )
    explained = [_with_cause(finding, findings) for finding in findings]
    return Diagnosis(
        tuple(_saying_first(explained)),
        checked,
        measurements.figures if is_complete else {},
        measurements.protocol,
        does_not_apply,
    )


def _saying_first(findings):
    """The findings, ranked. Where the model is worse than none the first cause begins with that:
    here is by how much, and here is why."""
    findings = sorted(findings, key=_rank)
    loss = next((f for f in findings if f.name == WORSE and f.severity == ERROR), None)
    causes = (f for f in findings if f.follows_from is None and f.severity in (ERROR, WARNING))
    why = next((f for f in causes if f is not loss and f.name not in FALSIFIES_FIGURES), None)
    if loss is None or why is None:
        return findings
    said = {
        WORSE: loss.because_of(why.name),
        why.name: replace(
            why, evidence=(*why.evidence, *loss.evidence), cause=f"{loss.cause} {why.cause}"
        ),
    }
    return sorted((said.get(f.name, f) for f in findings), key=_rank)


# After these nothing else can be measured.
STOPS = {"nonfinite_data", "nonfinite_loss"}


def ask(questions, progress, does_not_apply=None):
    """Asks rules in turn.

    Args:
        questions: (rule, what it is asked of) pairs.
        progress: called with the name of each rule before it is asked.
        does_not_apply: a dict that receives the name of each rule that is made for other models,
            and why.

    Returns:
        (findings, names of the rules that were asked, whether all were).
    """
    findings, checked = [], []
    for rule, measured in questions:
        progress(rule.__name__.replace("_", " "))
        checked.append(rule.__name__)
        try:
            found = rule(measured)
        except DoesNotApply as reason:
            if does_not_apply is None:
                raise
            does_not_apply[rule.__name__] = str(reason)
            checked.pop()
            continue
        if found is not None:
            findings.append(found)
            if found.name in STOPS and found.severity == ERROR:
                return findings, tuple(checked), False
    return findings, tuple(checked), True


def _with_cause(finding, findings):
    """The finding with the name of the earlier one that it may follow from, if there is one."""
    if finding.severity == UNDETERMINED or finding.name in NEVER_FOLLOWS:
        return finding
    for other in findings:
        if finding.name in EXPLAINS.get(other.name, ()) and other.severity != UNDETERMINED:
            return finding.because_of(other.name)
    stage = STAGE_OF[finding.name]
    explained = EXPLAINS.get(finding.name, ())
    for other in findings:
        is_earlier = STAGE_OF[other.name] < stage and other.name not in explained
        is_grave = other.severity == ERROR or (
            other.severity == WARNING
            and STAGE_OF[other.name] >= WEIGHTING
            and (finding.severity != ERROR or STAGE_OF[other.name] == WEIGHTING)
        )
        if is_earlier and is_grave and other.name not in EXPLAINS_NOTHING:
            return finding.because_of(other.name)
    return finding


# What is the same thing, or follows of necessity, within a stage.
EXPLAINS = {
    "splits_binarized_differently": {"splits_scaled_differently", "splits_differ"},
    "splits_scaled_differently": {"splits_differ"},
    "encoder_is_random": {"noise_scale_wrong", "noise_repeated", "noise_missing",
                          "rate_formula_wrong", "training_mode_differs"},
    "noise_repeated": {"noise_scale_wrong"},
    "noise_shared_by_batch": {"noise_scale_wrong"},
    "rate_formula_wrong": {"loss_drops_a_term"},
    "encoder_constant": {"decoder_constant", "sigma_too_large"},
    "decoder_constant": {"sigma_too_large"},
    "distortion_averaged": {"kl_overweighted"},
    "rate_averaged": {"kl_underweighted"},
    "warmup_unfinished": {"kl_underweighted"},
    "sigma_too_large": {"kl_underweighted"},
    "sigma_too_small": {"kl_overweighted"},
    "latent_blow_up": {"encoder_unsettled", "lagging_encoder"},
    "encoder_too_narrow": {"amortization_gap", "decoder_ignores_z", "collapsed"},
    "amortization_gap": {"decoder_ignores_z", "collapsed"},
    "lagging_encoder": {"encoder_unsettled", "undertrained", "decoder_ignores_z", "collapsed"},
    "undertrained": {
        "encoder_unsettled", "decoder_ignores_z", "sigma_too_large", "sigma_too_small"
    },
}  # fmt: skip
# They say nothing of the model itself.
FALSIFIES_FIGURES = {
    "bound_estimator_wrong", "duplicates_across_splits", "export_drift", "objectives_differ"
}  # fmt: skip
# Those, and the end of a chain.
EXPLAINS_NOTHING = FALSIFIES_FIGURES | {rule.__name__ for rule in STAGES["inference"]}


def _rank(finding):
    is_consequence = finding.follows_from is not None
    return is_consequence, SEVERITIES.index(finding.severity), STAGE_OF[finding.name]
