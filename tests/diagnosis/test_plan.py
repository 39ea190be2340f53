import numpy as np
import pytest
from scipy.stats import norm

from keras_vae import Config
from keras_vae.data import binarize
from keras_vae.data.tables import Column
from keras_vae.diagnosis import examine_plan
from keras_vae.distributions import LIKELIHOODS
from keras_vae.measures import collapse_threshold

STEPS = 1000
DECIDED = {"binarize": "none", "latent": 2, "epochs": 80, "batch_size": 128}  # as the data do


def copies(rows, entries=6, seed=0):
    """Binary examples of which each entry is, but for noise, the same coin."""
    rng = np.random.default_rng(seed)
    coin = rng.integers(0, 2, (rows, 1))
    return (coin ^ (rng.random((rows, entries)) < 0.1)).astype("float32")


def gray(rows, seed=0):
    """Gray images of which each is brighter or darker as a whole."""
    rng = np.random.default_rng(seed)
    return (0.6 * rng.random((rows, 1, 1)) + 0.4 * rng.random((rows, 5, 5))).astype("float32")


def plan(train, test, steps=STEPS, **options):
    config = Config(**{**DECIDED, "likelihood": "bernoulli", **options})
    return examine_plan(train, test, config, LIKELIHOODS[config.likelihood](), steps)


def healthy(**options):
    return plan(copies(800), copies(200, seed=1), **options)


def names(diagnosis):
    """Of what is found: a few hundred examples leave some rules undetermined."""
    return [f.name for f in diagnosis.findings if f.severity != "undetermined"]


def test_a_plan_that_nothing_speaks_against_has_no_finding():
    diagnosis = healthy()
    # repeated binary examples are no leak: they repeat within the training data as well
    assert names(diagnosis) == []
    assert diagnosis.verdict == "healthy"
    assert "800 training and 200 test examples" in diagnosis.protocol


def test_what_is_told_of_columns_and_labels_is_looked_at_before_training():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    x = np.stack([labels, rng.normal(size=400)], axis=1).astype("float32")
    columns = Column("member", "real"), Column("height", "real")
    config = Config(likelihood="diagonal_gaussian", **DECIDED)
    likelihood = LIKELIHOODS["diagonal_gaussian"]()
    found = examine_plan(x, x[:50], config, likelihood, STEPS, columns=columns, labels=labels)
    assert "'member' alone tells the label" in found["label_leaks"].cause


def test_the_collapse_threshold_of_binary_data_is_the_largest_eigenvalue_of_their_correlations():
    x = copies(800)
    expected = np.linalg.eigvalsh(np.corrcoef(x.T))[-1]
    assert healthy().figures["collapse_threshold"] == pytest.approx(expected, rel=1e-2)


def test_the_collapse_threshold_under_a_gaussian_has_the_one_sigma_that_training_begins_with():
    rng = np.random.default_rng(0)
    scales = np.array([3.0, 1.0, 1.0, 0.2])
    x = (rng.normal(size=(900, 4)) * scales).astype("float32")
    figures = plan(x[:600], x[600:], likelihood="gaussian").figures
    covariance = np.cov(x[:600].T, bias=True)
    sigma_squared = np.trace(covariance) / 4
    expected = np.linalg.eigvalsh(covariance)[-1] / sigma_squared
    assert figures["collapse_threshold"] == pytest.approx(expected, rel=1e-4)
    # of the test examples, fitted to the training examples
    densities = norm.logpdf(x[600:], x[:600].mean(axis=0), np.sqrt(sigma_squared))
    assert figures["baseline"] == pytest.approx(densities.sum(axis=1).mean(), rel=1e-5)


def test_the_baseline_of_binary_data_is_the_cross_entropy_of_each_entry_by_itself():
    p = (copies(800).sum(axis=0, dtype="float64") + 0.5) / 801
    test = copies(200, seed=1).mean(axis=0, dtype="float64")
    expected = np.sum(test * np.log(p) + (1 - test) * np.log(1 - p))
    assert healthy().figures["baseline"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("scale", [1.6e-4, 1e5])
def test_the_baseline_is_that_of_the_data_whatever_their_scale(scale):
    x = (scale * np.random.default_rng(0).standard_normal((600, 6))).astype("float32")
    figures = plan(x[:500], x[500:], likelihood="gaussian").figures
    unit = plan(x[:500] / scale, x[500:] / scale, likelihood="gaussian").figures
    # a density of x / s is s times that of x, for each entry
    expected = unit["baseline"] - 6 * np.log(scale)
    assert figures["baseline"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("errors_above", "severity"), [(3, "error"), (1, "undetermined"), (-1, "undetermined")]
)
def test_a_beta_is_held_against_the_threshold_in_standard_errors(errors_above, severity):
    figures = healthy().figures
    error = figures["collapse_threshold_standard_error"]
    diagnosis = healthy(beta=figures["collapse_threshold"] + errors_above * error)
    assert diagnosis["collapse_expected"].severity == severity
    (evidence,) = diagnosis["collapse_expected"].evidence
    assert evidence.value == figures["collapse_threshold"]
    assert evidence.standard_error == error


def test_a_beta_well_below_the_threshold_is_none():
    figures = healthy().figures
    error = figures["collapse_threshold_standard_error"]
    assert "collapse_expected" not in names(healthy(beta=figures["collapse_threshold"] - 3 * error))


def test_the_standard_error_of_the_threshold_is_how_it_varies_between_data_sets():
    figures = [plan(copies(400, seed=k), copies(50, seed=99)).figures for k in range(30)]
    spread = np.std([f["collapse_threshold"] for f in figures], ddof=1)
    mean = np.mean([f["collapse_threshold_standard_error"] for f in figures])
    assert 0.5 < mean / spread < 2


def test_free_nats_keep_latents_in_use_whatever_beta():
    assert "collapse_expected" in names(healthy(beta=50.0))
    assert "collapse_expected" not in names(healthy(beta=50.0, free_nats=1.0))


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("warmup_too_long", {"warmup": 0.9}, {"warmup": 0.5}),
        ("too_few_steps", {"steps": 60}, {"steps": 900}),
        ("learning_rate_too_large", {"learning_rate": 0.1}, {"learning_rate": 0.005}),
    ],
)
def test_an_option_that_spoils_training_is_a_warning(name, bad, good):
    diagnosis = healthy(**bad)
    assert names(diagnosis) == [name]
    assert diagnosis.verdict == "warning"
    assert names(healthy(**good)) == []


def test_a_warmup_that_rounds_down_to_no_epoch_is_none():
    assert names(healthy(warmup=0.9, epochs=1)) == []


def test_errors_stand_before_warnings():
    found = names(healthy(beta=50.0, steps=60, warmup=0.9))
    assert found == ["collapse_expected", "warmup_too_long", "too_few_steps"]


# ---- the data --------------------------------------------------------------------------


def test_after_values_that_are_not_finite_nothing_else_is_asked():
    x = copies(800)
    x[3, 2] = np.nan
    diagnosis = plan(x, copies(200, seed=1))
    assert names(diagnosis) == list(diagnosis.checked) == ["nonfinite_data"]
    assert diagnosis.figures == {}


def test_gray_levels_are_held_against_the_likelihood_as_the_model_sees_them():
    data = gray(800), gray(200, seed=1)
    assert "gray_data_under_bernoulli" in names(plan(*data))
    assert names(plan(*data, binarize="dynamic")) == []


def test_the_threshold_is_that_of_the_binary_data_that_gray_levels_are_drawn_into():
    x = gray(800)
    figures = plan(x, gray(200, seed=1), binarize="dynamic").figures
    drawn = binarize(x, "dynamic", "train").reshape(800, -1)
    expected = np.linalg.eigvalsh(np.corrcoef(drawn.T))[-1]
    assert figures["collapse_threshold"] == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize(
    ("change", "options", "name"),
    [
        (lambda x: 255 * x, {}, "data_out_of_range"),
        (lambda x: (x > 0.5).astype("float32"), {"likelihood": "gaussian"}, "binary_data_under"),
        (lambda x: np.round(x * 15) / 15, {"likelihood": "gaussian"}, "lattice_data_under"),
    ],
)
def test_data_that_the_likelihood_does_not_describe_are_found(change, options, name):
    diagnosis = plan(change(gray(800)), change(gray(200, seed=1)), **options)
    assert any(found.startswith(name) for found in names(diagnosis))


def test_a_lattice_under_a_density_is_no_more_than_worth_knowing_before_training():
    x = np.round(gray(1000) * 15) / 15
    diagnosis = plan(x[:800], x[800:], likelihood="gaussian")
    assert diagnosis["lattice_data_under_density"].severity == "info"


def test_test_examples_that_are_training_examples_are_found_though_each_is_drawn_anew():
    x = gray(800)
    leaked = np.concatenate([gray(150, seed=1), x[:50]])
    diagnosis = plan(x, leaked, binarize="dynamic")
    assert "duplicates_across_splits" in diagnosis
    assert diagnosis.verdict == "error"


@pytest.mark.parametrize(
    ("prepare", "name"),
    [
        (lambda x: 1 - 0.5 * x, "splits_scaled_differently"),
        (lambda x: np.where(x < 0.15, np.float32(0), x), "splits_binarized_differently"),
    ],
)
def test_test_examples_that_were_prepared_otherwise_are_found(prepare, name):
    diagnosis = plan(gray(800), prepare(gray(200, seed=1)), binarize="dynamic")
    assert diagnosis[name].severity == "error"


def test_a_kind_of_example_that_only_the_test_data_have_is_found():
    train, test = gray(800), gray(200, seed=1)
    test[:60, :, :2] = 1 - test[:60, :, :2]
    assert "splits_differ" in plan(train, test, likelihood="gaussian")


def test_no_entry_that_varies_leaves_no_threshold():
    x = np.zeros((100, 3), "float32")
    diagnosis = plan(x, x[:20], beta=50.0)
    assert diagnosis.figures["collapse_threshold"] is None
    assert "collapse_expected" not in diagnosis


def test_the_threshold_of_gray_levels_with_an_edge_is_that_of_the_models_own_likelihood():
    x = gray(800)
    x[:, 0] = 0.0  # an entry that is always 0 has a logit far from 0
    found = plan(x, gray(200, seed=1), likelihood="continuous_bernoulli").figures
    likelihood = LIKELIHOODS["continuous_bernoulli"]()
    logits = likelihood.fit_without_z(x)
    variance = likelihood.distribution(logits[None]).variance()[0]
    expected, _ = collapse_threshold(x, variance.numpy())
    assert found["collapse_threshold"] == pytest.approx(expected, rel=1e-6)
