from itertools import product

import keras
import made_families
import numpy as np
import pytest
from extensions import full_covariance
from scipy import stats

from keras_vae import VAE
from keras_vae.distributions import POSTERIORS, Posterior
from keras_vae.errors import DoesNotApply
from keras_vae.evidence import annealed
from keras_vae.evidence.annealed import annealed_evidence, bidirectional_gap
from keras_vae.evidence.annealing import TARGET_ACCEPTANCE
from keras_vae.evidence.importance import importance_weighted_bound
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.progress import showing

TWO, SIX = [2.0, 1.0], [3.0, 2.0, 2.0, 1.0, 1.0, 0.5]


def error_of_mean(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


def assert_unbiased(log_ratio):
    """Whether E[exp(log_ratio)] = 1, within 4 standard errors."""
    ratio = np.exp(log_ratio)
    assert np.mean(ratio) == pytest.approx(1, abs=4 * error_of_mean(ratio))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strengths", "widen"),
    [(TWO, 1.0), (TWO, 2.0), (TWO, 0.5), (SIX, 2.0)],
    ids=["2 latents", "q too wide", "q too narrow", "6 latents, q too wide"],
)
def test_the_exact_evidence_is_met_within_its_standard_errors(linear, strengths, widen):
    model = linear(strengths, widen)
    x = model.draw(250)
    result = annealed_evidence(model.vae, x, chains=16, steps=100)
    off = result.log_evidence - model.exact.log_evidence(x)
    assert_unbiased(off)
    # The logarithm costs var(w) / (2 K E[w]^2) on average (Jensen).
    cost = np.mean(result.standard_error**2) / 2
    assert np.mean(off) == pytest.approx(-cost, abs=4 * error_of_mean(off))
    assert np.mean(off) <= 3 * error_of_mean(off)
    # 1 for many chains; a little more for 16, whose error is an estimate too.
    z_scores = off / result.standard_error
    assert 0.9 < np.sqrt(np.mean(z_scores**2)) < 1.4
    assert np.mean(np.abs(z_scores) < 2) > 0.9
    assert np.mean(result.standard_error) < 0.2
    assert result.acceptance == pytest.approx(TARGET_ACCEPTANCE, abs=0.05)
    assert (result.chains, result.steps) == (16, 100)


def test_one_step_gives_the_importance_weighted_bound(linear):
    model = linear(SIX)
    few, copies = model.draw(5), 300
    few[:, -1] += [0, 20, 40, 60, 80]  # log p(x) down to -3200, where exp(log w) is 0
    x = np.repeat(few, copies, axis=0)
    result = annealed_evidence(model.vae, x, chains=8, steps=1)
    assert np.isnan(result.acceptance)
    assert_unbiased(result.log_evidence - model.exact.log_evidence(x))
    bound = importance_weighted_bound(model.vae, x, [8]).bounds[0]
    estimates = np.stack([result.log_evidence, bound]).reshape(2, 5, copies)
    means, errors = estimates.mean(axis=2), estimates.std(axis=2) / np.sqrt(copies)
    assert (np.abs(means[0] - means[1]) < 4 * np.hypot(*errors)).all()
    for one, other in zip(*estimates, strict=True):
        assert stats.ks_2samp(one, other).pvalue > 1e-3


def test_the_probabilities_of_all_binary_images_sum_to_1():
    keras.utils.set_random_seed(3)
    encoder, decoder = mlp_encoder((2, 3), 4, hidden=(8,)), mlp_decoder((2, 3), 4, hidden=(8,))
    decoder.set_weights([3 * weight for weight in decoder.get_weights()])
    vae = VAE(encoder, decoder, seed=0)
    x = np.array(list(product([0, 1], repeat=6)), "float32").reshape(-1, 2, 3)
    result = annealed_evidence(vae, x, chains=32, steps=30, leapfrog_steps=5)
    p = np.exp(result.log_evidence)
    assert p.max() > 4 * p.min()
    error = np.sqrt(np.sum((p * result.standard_error) ** 2))
    assert np.sum(p) == pytest.approx(1, abs=4 * error)
    assert error < 0.04


@pytest.mark.slow
def test_the_bounds_enclose_the_exact_evidence_and_close_in(linear, monkeypatch):
    monkeypatch.setattr(annealed, "ROWS", 16 * 90)  # 200 examples in three batches
    model = linear(TWO, widen=1.5)
    gaps = []
    for steps in (1, 8, 100):
        result = bidirectional_gap(model.vae, 200, chains=16, steps=steps)
        evidence = model.exact.log_evidence(result.x)
        below, above = evidence - result.lower, result.upper - evidence
        assert_unbiased(-below)
        assert_unbiased(-above)
        assert np.mean(below) > -3 * error_of_mean(below)
        assert np.mean(above) > -3 * error_of_mean(above)
        np.testing.assert_allclose(result.gap, np.mean(below + above))
        np.testing.assert_allclose(result.standard_error, error_of_mean(below + above))
        gaps.append(result.gap)
    assert gaps[0] > 2 * gaps[1]
    assert gaps[0] > 4 * gaps[2]
    assert gaps[2] < 0.05
    assert (result.chains, result.steps) == (16, 100)


def test_simulated_examples_are_draws_from_the_model(squares):
    x = bidirectional_gap(squares(0.0, 1.0).vae, 2000, chains=2, steps=1).x[:, 0]

    def cdf(x):
        z = np.linspace(-8, 8, 2001)
        # P(X <= x) = E_p(z)[Phi((x - z^2) / sigma)]
        below = stats.norm.cdf((x[:, None] - z**2) / 0.3)
        return np.sum(below * stats.norm.pdf(z), axis=1) * (z[1] - z[0])

    assert stats.kstest(x, cdf).pvalue > 1e-2


@pytest.mark.slow
def test_both_modes_count_where_q_covers_them(squares):
    model = squares(0.0, 1.0)
    x = np.repeat(np.array([[1.0], [2.0], [3.0]], "float32"), 40, axis=0)
    result = annealed_evidence(model.vae, x, chains=16, steps=60)
    off = result.log_evidence - model.log_evidence(x)
    for by_x in off.reshape(3, 40):
        assert_unbiased(by_x)
        assert np.mean(by_x) == pytest.approx(0, abs=0.1)
    assert bidirectional_gap(model.vae, 100, 16, 60).gap < 0.3


@pytest.mark.slow
def test_a_mode_that_q_misses_is_lost_without_a_trace_but_in_the_bidirectional_gap(squares):
    x = np.full((20, 1), 3.0, "float32")
    model = squares(np.sqrt(3.0), 0.3)
    result = annealed_evidence(model.vae, x, chains=16, steps=100)
    # Half of p(x), of which the standard error knows nothing.
    off = result.log_evidence - model.log_evidence(x)
    assert np.mean(off) == pytest.approx(-np.log(2), abs=4 * error_of_mean(off) + 0.02)
    assert np.mean(result.standard_error) < 0.2
    gap = bidirectional_gap(model.vae, 100, 16, 100)
    assert gap.gap > 1
    assert np.mean(gap.upper - model.log_evidence(gap.x)) > -0.05


@pytest.mark.slow
def test_the_figures_depend_on_the_seed_alone(linear):
    vae = linear(TWO).vae
    noise = vae.sampling.seed_generator.state.numpy()
    options = {"chains": 4, "steps": 10, "leapfrog_steps": 3}
    first, again, other = (bidirectional_gap(vae, 50, seed=seed, **options) for seed in (0, 0, 1))
    for name in ("x", "lower", "upper"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert not np.isin(getattr(first, name), getattr(other, name)).any()
    assert abs(np.corrcoef(first.x[:, 0], other.x[:, 0])[0, 1]) < 0.5
    lower, other_lower = (
        annealed_evidence(vae, first.x, seed=seed, **options).log_evidence for seed in (0, 1)
    )
    np.testing.assert_array_equal(lower, first.lower)
    assert not np.isin(lower, other_lower).any()
    np.testing.assert_array_equal(noise, vae.sampling.seed_generator.state)


def test_step_sizes_are_tuned_by_other_chains_and_then_kept(linear, monkeypatch):
    """Step sizes that know the chains of the run that is reported would bias it."""
    runs = []
    make = annealed.annealing_function

    def recording(*args):
        anneal = make(*args)

        def record(x, u, b, log_steps, adaptation, seed):
            log_w, acceptance, after = anneal(x, u, b, log_steps, adaptation, seed)
            runs.append([np.array(value) for value in (u, seed, log_steps, after)])
            return log_w, acceptance, after

        return record

    monkeypatch.setattr(annealed, "annealing_function", recording)
    monkeypatch.setattr(annealed, "ROWS", 40)
    bidirectional_gap(linear(TWO).vae, 20, chains=4, steps=12)
    assert len(runs) == 6  # two batches
    for tuning, forward, backward in (runs[:3], runs[3:]):
        _, _, first, tuned = tuning
        assert (first[1:-1] != tuned[1:-1]).all()
        for log_steps in forward[2:]:
            np.testing.assert_array_equal(log_steps, tuned)
        for log_steps in backward[2:]:
            np.testing.assert_array_equal(log_steps, tuned[::-1])
    starts, seeds = [run[0] for run in runs], [tuple(run[1]) for run in runs]
    assert len(set(seeds)) == 6
    # Chains of an example start from one z backwards, and each from its own elsewhere.
    assert [len(np.unique(start)) for start in starts] == 2 * [80, 80, 20]
    assert len(np.unique(starts)) == 2 * (80 + 80 + 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chains": 1}, "chains=1: expected at least 2"),
        ({"steps": 0}, "steps=0: expected at least 1"),
        ({"leapfrog_steps": 0}, "leapfrog_steps=0: expected at least 1"),
    ],
)
def test_options_that_are_too_small_are_refused(linear, options, message):
    model = linear(TWO)
    with pytest.raises(ValueError, match=message):
        annealed_evidence(model.vae, model.draw(2), **options)
    with pytest.raises(ValueError, match=message):
        bidirectional_gap(model.vae, 2, **options)


def test_the_error_of_a_gap_needs_two_examples(linear):
    with pytest.raises(ValueError, match="count=1: expected at least 2"):
        bidirectional_gap(linear(TWO).vae, 1)


def test_only_the_bound_from_above_asks_for_the_noise_of_a_known_z(monkeypatch):
    x = np.random.default_rng(0).normal(0, 1, (3, 4)).astype("float32")
    vae = full_covariance.make(x)
    expected = annealed_evidence(vae, x, chains=2, steps=2)
    monkeypatch.setattr(full_covariance.FullNormal, "inverse", Posterior.inverse)
    found = annealed_evidence(vae, x, chains=2, steps=2)
    np.testing.assert_array_equal(found.log_evidence, expected.log_evidence)
    with pytest.raises(DoesNotApply, match="FullNormal"):
        bidirectional_gap(vae, 2, chains=2, steps=2)


def test_each_walk_tells_its_share(linear):
    model = linear(TWO)
    shares = []
    with showing(shares.append):
        bidirectional_gap(model.vae, 3, chains=2, steps=2)
    assert shares == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 1])
    shares.clear()
    with showing(shares.append):
        annealed_evidence(model.vae, model.draw(3), chains=2, steps=2)
    assert shares == pytest.approx([0, 0, 1 / 2, 1, 1])


def bent(model):
    """The linear model with the q(z|x) of an inverse autoregressive flow, which is not p(z|x)."""
    family = POSTERIORS["iaf"](**made_families.SMALL["iaf"])
    family.build([(None, 2), (None, 2), (None, 4)])
    made_families.moved(family, 0.1)
    inputs = keras.Input((4,))
    heads = [
        keras.layers.Dense(size, bias_initializer=keras.initializers.Constant(bias))(inputs)
        for size, bias in zip(family.heads(2).values(), (0, 0, 0), strict=True)
    ]
    encoder = keras.Model(inputs, heads)
    own, *_ = model.vae.encoder.get_weights()
    encoder.set_weights([own, *encoder.get_weights()[1:]])
    return VAE(encoder, model.vae.decoder, model.vae.likelihood, posterior=family, seed=0)


@pytest.mark.slow
def test_of_a_flow_the_exact_evidence_is_met_from_both_sides(linear):
    model = linear(TWO)
    vae = bent(model)
    x = model.draw(150)
    exact = model.exact.log_evidence(x)
    result = annealed_evidence(vae, x, chains=16, steps=100)
    assert_unbiased(result.log_evidence - exact)
    assert result.acceptance == pytest.approx(TARGET_ACCEPTANCE, abs=0.06)
    # far better than as many draws of this q(z|x) alone
    bound = annealed_evidence(vae, x, chains=16, steps=1).log_evidence
    assert np.mean(exact - result.log_evidence) < 0.2 * np.mean(exact - bound)
    found = bidirectional_gap(vae, 100, chains=16, steps=100)
    exact = model.exact.log_evidence(found.x)
    for off in (found.lower - exact, found.upper - exact):
        assert np.median(np.abs(off)) < 0.2
