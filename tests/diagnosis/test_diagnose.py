"""What is asked, in which order findings come, and what follows from what."""

import ast
import dataclasses
import inspect
import json
import textwrap

import keras
import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject

import keras_vae
from keras_vae.data import Dataset, Examples
from keras_vae.diagnosis import Gaussian, diagnose, examine, of_vae
from keras_vae.diagnosis import diagnose as diagnose_function
from keras_vae.diagnosis.finding import ERROR, WARNING
from keras_vae.diagnosis.rules import CHEAP, STAGES, weighting
from keras_vae.errors import ConfigError, DataError

module = inspect.getmodule(diagnose_function)
RULES = [rule for rules in STAGES.values() for rule in rules]
NAMES = [rule.__name__ for rule in RULES]
SLOW = {rule.__name__ for rule in RULES} - {rule.__name__ for rule in CHEAP}


def reasons(diagnosis):
    return {finding.name: finding.follows_from for finding in diagnosis.findings}


# ---- a whole diagnosis -----------------------------------------------------------------


@pytest.fixture(scope="module")
def healthy():
    return examine(linear_subject(entries=6))


@pytest.fixture(scope="module")
def overweighted():
    """One weight of the rate, 4 where 1 was meant."""
    return examine(dataclasses.replace(binary_subject(beta=4.0), beta=1.0))


def test_the_exact_posterior_of_the_model_that_drew_the_data_is_healthy(healthy):
    assert healthy.findings == ()
    assert healthy.verdict == "healthy"
    assert healthy.causes == ()
    assert list(healthy.checked) == NAMES
    assert "lattice_data_under_density" not in healthy


def test_one_weight_is_found_as_the_one_cause(overweighted):
    assert overweighted.verdict == "error"
    assert [cause.name for cause in overweighted.causes] == ["kl_overweighted"]
    assert "kl_overweighted" in overweighted
    finding = overweighted["kl_overweighted"]
    assert finding is overweighted.findings[0]
    assert finding.evidence[0].value == pytest.approx(4.0, rel=0.2)
    # what else is seen is put down to it
    others = [other for other in overweighted.findings if other.severity in (ERROR, WARNING)][1:]
    assert all(other.follows_from == "kl_overweighted" for other in others)


def test_diagnose_makes_the_subject_of_its_arguments(overweighted):
    subject = binary_subject(beta=4.0)
    diagnosis = diagnose(
        subject.encode,
        subject.decode,
        subject.likelihood,
        subject.train,
        subject.test,
        training_draw=subject.training_draw,
        loss_fn=subject.loss_fn,
    )
    assert diagnosis.figures == overweighted.figures
    assert reasons(diagnosis) == reasons(overweighted)


def test_a_likelihood_may_be_named():
    subject = linear_subject(count=200)
    arguments = (subject.encode, subject.decode)
    diagnosis = diagnose(*arguments, "gaussian", subject.train, cheap=True)
    # the sigma that fits: z -> x is what the data were drawn with
    assert diagnosis.verdict == "healthy"
    with pytest.raises(ConfigError, match="'poisson'"):
        diagnose(*arguments, "poisson", subject.train)


def test_the_examples_and_the_seed_are_those_that_were_asked_for():
    diagnosis = examine(linear_subject(count=200), examples=50, seed=7, cheap=True)
    assert "50 training examples, 50 test examples" in diagnosis.protocol
    assert "seed 7" in diagnosis.protocol
    again = examine(linear_subject(count=200), examples=50, seed=7, cheap=True)
    assert again.figures == diagnosis.figures
    other = examine(linear_subject(count=200), examples=50, seed=8, cheap=True)
    assert other.figures["elbo"] != diagnosis.figures["elbo"]


def test_each_rule_is_announced_before_it_is_asked(monkeypatch):
    events = []

    def rule(m):
        events.append("asked")

    rule.__name__ = "noise_missing"
    monkeypatch.setattr(module, "STAGES", {"correctness": (rule,)})
    examine(linear_subject(count=60), progress=events.append)
    assert events == ["noise missing", "asked"]


# ---- what follows from what ------------------------------------------------------------


@pytest.mark.parametrize("claimed", [0.25, 1.0])
def test_a_wrong_sigma_and_the_weight_that_it_implies_are_one_thing(claimed):
    # claiming half the sigma multiplies D by 4: the posteriors answer to a beta of 4
    subject = linear_subject(likelihood=Gaussian(claimed), entries=6, loss_fn=None)
    diagnosis = examine(subject, cheap=True)
    pair = {
        name: reason
        for name, reason in reasons(diagnosis).items()
        if name.startswith(("sigma", "kl"))
    }
    assert len(pair) == 2
    assert list(pair.values()).count(None) == 1


# ---- stopping --------------------------------------------------------------------------


def test_after_a_nan_in_the_data_nothing_else_is_asked():
    subject = linear_subject(count=100)
    subject.train[3, 1] = np.nan
    diagnosis = examine(subject)
    assert diagnosis.checked == ("nonfinite_data",)
    assert [finding.name for finding in diagnosis.findings] == ["nonfinite_data"]
    assert diagnosis.figures == {}
    assert diagnosis.verdict == "error"


def test_after_a_divergence_nothing_else_is_asked():
    diagnosis = examine(linear_subject(count=100, decode=lambda z: z * np.nan))
    assert diagnosis.checked[-1] == "nonfinite_loss"
    assert [cause.name for cause in diagnosis.causes] == ["nonfinite_loss"]
    assert diagnosis.figures == {}
    json.loads(json.dumps(diagnosis.to_dict(), allow_nan=False))


# ---- cheap -----------------------------------------------------------------------------


def test_a_cheap_diagnosis_leaves_out_the_slow_rules_and_asks_for_nothing_slow():
    def never(*arguments):
        raise AssertionError("a cheap diagnosis neither trains nor draws many samples")

    subject = linear_subject(
        count=200, probe=never, bound=never, generate=never, served=(never, never)
    )
    diagnosis = examine(subject, cheap=True)
    assert list(diagnosis.checked) == [name for name in NAMES if name not in SLOW]
    assert {"lagging_encoder", "undertrained", "amortization_gap", "prior_hole"} <= SLOW
    assert not {"kl_overweighted", "collapsed", "noise_missing", "nonfinite_loss"} & SLOW
    assert diagnosis.figures["elbo"] < 0


# ---- as a dictionary -------------------------------------------------------------------


def test_a_diagnosis_becomes_json(overweighted):
    written = json.loads(json.dumps(overweighted.to_dict(), allow_nan=False))
    assert written["verdict"] == "error"
    assert [finding["name"] for finding in written["findings"]] == [
        finding.name for finding in overweighted.findings
    ]
    assert written["findings"][0]["evidence"][0]["value"] == pytest.approx(4.0, rel=0.2)
    assert written["checked"] == NAMES
    assert written["protocol"] == overweighted.protocol
    assert written["figures"]["implied_beta"] == overweighted.figures["implied_beta"]


def test_a_collapse_becomes_json_though_some_of_its_figures_are_unknown():
    subject = linear_subject(count=200, encode=lambda x: (0 * x, 0 * x), history={"beta": [1.0]})
    diagnosis = examine(subject)
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    assert diagnosis.figures["implied_beta"] is None


# ---- the table of the rules ------------------------------------------------------------


def test_every_rule_stands_once():
    assert len(set(NAMES)) == len(NAMES)


def names_given(rule):
    """The names of the findings that a rule can return, as its source has them."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "finding"
    }


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_is_called_as_its_finding_is(rule):
    assert names_given(rule) == {rule.__name__}


def test_a_warmup_that_is_foreseen_not_to_end_is_an_unfinished_one():
    assert names_given(weighting.warmup_will_not_end) == {"warmup_unfinished"}


def test_every_rule_of_a_module_is_asked():
    for source in {inspect.getmodule(rule) for rule in RULES}:
        assert set(source.__all__) - {"warmup_will_not_end", "below_without_z"} <= set(NAMES)


def test_a_vae_is_diagnosed_with_data_alone(small_vae, binary_x):
    vae = small_vae()
    train, test = binary_x[:150], binary_x[150:]
    reading = ("values as they are, not binarised",)
    subject = of_vae(vae, train, test, stored=(train, test), reading=reading)
    expected = examine(subject, cheap=True)
    found = keras_vae.diagnose(vae, train.tolist(), test_data=test, cheap=True)
    assert found.to_dict() == expected.to_dict()
    dataset = Dataset("made", Examples(train), Examples(test), Examples(test))
    assert keras_vae.diagnose(vae, dataset, cheap=True).to_dict() == expected.to_dict()
    alone = keras_vae.diagnose(vae, data=train, cheap=True)
    assert alone.figures["split"] != expected.figures["split"]


def test_values_that_a_vae_refuses_are_a_finding_of_its_diagnosis(small_vae, binary_x):
    outside = 255 * binary_x
    assert "data_out_of_range" in keras_vae.diagnose(small_vae(), outside, cheap=True)
    subject = of_vae(small_vae(), binary_x, outside)
    assert (subject.bound, subject.probe) == (None, None)


def test_the_protocol_of_a_diagnosis_says_what_reading_did_to_the_values(small_vae, binary_x):
    diagnosis = keras_vae.diagnose(small_vae(), (255 * binary_x).astype("uint8"), cheap=True)
    assert "uint8 divided by 255" in diagnosis.protocol
    assert "uint8" not in keras_vae.diagnose(small_vae(), binary_x, cheap=True).protocol


def test_gray_data_of_a_vae_are_binarised_as_it_was_trained(small_vae, binary_x):
    vae = small_vae()
    gray = (0.8 * binary_x + 0.1).astype("float32")
    assert "gray_data_under_bernoulli" in keras_vae.diagnose(vae, gray, cheap=True)
    vae.protocol = {"data": "made", "binarize": "dynamic"}
    assert "gray_data_under_bernoulli" not in keras_vae.diagnose(vae, gray, cheap=True)


def test_arguments_that_do_not_make_a_model_are_one_line(small_vae, binary_x):
    for call, words in (
        (lambda: keras_vae.diagnose(small_vae()), "has its own decoder and likelihood"),
        (
            lambda: keras_vae.diagnose(small_vae(), binary_x, "bernoulli_logits"),
            "has its own decoder",
        ),
        (lambda: keras_vae.diagnose(abs, abs, "bernoulli_logits"), "data is missing"),
    ):
        with pytest.raises(keras_vae.ConfigError, match=words):
            call()


# ---- examples that are none --------------------------------------------------------------


def of_functions(**changes):
    """`diagnose` of the functions of a linear model."""
    subject = linear_subject()
    given = {name: getattr(subject, name) for name in ("encode", "decode", "likelihood")}
    return diagnose(**{**given, "data": subject.train, "cheap": True, **changes})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"data": np.array([["a", "b", "c"]] * 4)}, "<U1"),
        ({"data": np.ones((4, 3)) * 1j}, "complex128"),
        ({"data": np.zeros((0, 3))}, "(0, 3)"),
        ({"data": np.ones((1, 3))}, "(1, 3)"),
        ({"data": np.float64(5)}, "()"),
        ({"test_data": np.ones((5, 4))}, "(4,)"),
    ],
)
def test_examples_that_are_none_are_one_line(changes, named):
    with pytest.raises(DataError) as caught:
        of_functions(**changes)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_booleans_are_zeros_and_ones():
    x = np.random.default_rng((31, 12)).random((300, 3)) < 0.5
    found, expected = (
        of_functions(data=data, likelihood=Gaussian(0.5)).figures
        for data in (x, x.astype("float32"))
    )
    assert found == expected


def test_examples_of_one_number_need_no_axis():
    exact = linear_subject(weights=(3.0,))
    flat, column = (
        of_functions(
            encode=lambda x: exact.encode(np.reshape(x, (-1, 1))),
            decode=lambda z, shape=shape: exact.decode(z).reshape(-1, *shape),
            likelihood=Gaussian(0.5),
            data=exact.train.reshape(-1, *shape),
        )
        for shape in ((), (1,))
    )
    assert flat.figures["elbo"] == pytest.approx(column.figures["elbo"])


@pytest.mark.parametrize(
    ("likelihood", "slope"), [("gaussian", 0), (Gaussian(0.3), 1)], ids=["fitted", "given"]
)
def test_constant_data_have_no_sigma_that_fits(likelihood, slope):
    def encode(x):
        return np.zeros((len(x), 2)), np.zeros((len(x), 2))

    def decode(z):
        return 1 + slope * np.asarray(z)[:, :1] * np.ones(3)

    with pytest.raises(DataError, match="sigma"):
        of_functions(encode=encode, decode=decode, likelihood=likelihood, data=np.ones((50, 3)))


@pytest.mark.parametrize("examples", [0, 1, -1, 2.5, "a"])
def test_too_few_examples_to_look_at_are_refused(small_vae, binary_x, examples):
    with pytest.raises(ConfigError, match="examples="):
        keras_vae.diagnose(small_vae(), binary_x, examples=examples)


def test_a_model_that_cannot_be_copied_is_diagnosed_but_for_what_trains_a_copy(binary_x):
    x = keras.Input((6,))
    h = keras.layers.Lambda(lambda x: 2 * x - 1)(x)
    encoder = keras.Model(x, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    vae = keras_vae.VAE(encoder, keras_vae.networks.mlp_decoder((6,), 2, (4,)), seed=0)
    diagnosis = keras_vae.diagnose(vae, binary_x)
    assert "cannot be made" in diagnosis.does_not_apply["undertrained"]
    assert "collapsed" in diagnosis.checked or "collapsed" in diagnosis.does_not_apply
