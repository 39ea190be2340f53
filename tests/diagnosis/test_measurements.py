"""Measurements of models whose every term is known in closed form."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject
from reference import kl_from_standard_normal, normal_log_density
from scipy.special import expit

from keras_vae.diagnosis import Gaussian
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.measures import standard_error

WEIGHTS, SIGMA = (3.0, 1.0, 0.2), 0.5
EXACT = LinearGaussian(np.diag(WEIGHTS), np.zeros(3), SIGMA**2)


def assert_mean(values, expected, errors=4):
    """The mean of independent values is the expected one, within 4 standard errors."""
    assert abs(np.mean(values) - expected) < errors * standard_error(values) + 1e-5


@pytest.fixture(scope="module")
def linear():
    """Measurements of a model with the exact posterior; read only."""
    return Measurements(linear_subject())


def squares_subject(**changes):
    """A Gaussian without a sigma."""
    return linear_subject(likelihood=Gaussian(), sample=None, loss_fn=None, **changes)


# ---- the terms of the ELBO -------------------------------------------------------------


def test_the_elbo_of_the_exact_posterior_is_log_p_of_x(linear):
    for terms in (linear.train_terms, linear.test_terms):
        assert_mean(terms.elbo - EXACT.log_evidence(terms.x), 0.0)


def test_the_rate_is_the_closed_form_of_each_example(linear):
    terms = linear.test_terms
    encoded = linear.subject.encode(terms.x)
    np.testing.assert_allclose(terms.rate, kl_from_standard_normal(*encoded), rtol=1e-5)
    # 1/2 log P_jj, on average over the data
    for rates, exact in zip(terms.latent_rates.T, EXACT.latent_rates(), strict=True):
        assert_mean(rates, exact)


def test_the_distortion_is_that_of_one_draw_of_the_posterior(linear):
    terms = linear.train_terms
    expected = -normal_log_density(terms.x, terms.z * WEIGHTS, 2 * np.log(SIGMA)).sum(axis=1)
    np.testing.assert_allclose(terms.distortion, expected, rtol=1e-5)
    noise = (terms.z - terms.z_mean) / np.exp(terms.z_log_var / 2)
    assert_mean(noise.ravel(), 0.0)
    assert_mean(noise.ravel() ** 2, 1.0)
    # E_q[-log p(x|z)] = n/2 log(2 pi sigma^2) + (|x - W m|^2 + sum_j w_j^2 var_j) / 2 sigma^2
    squares = np.sum((terms.x - terms.z_mean * WEIGHTS) ** 2, axis=1)
    spread = np.sum(np.square(WEIGHTS) * np.exp(terms.z_log_var), axis=1)
    exact = 1.5 * np.log(2 * np.pi * SIGMA**2) + (squares + spread) / (2 * SIGMA**2)
    assert_mean(terms.distortion - exact, 0.0)


def test_the_baseline_is_a_normal_distribution_fitted_to_the_data(linear):
    x = np.asarray(linear.train, "float64")
    # sigma is fitted anew: 0.5 is what is left when z is known
    log_var = np.log(np.mean((x - x.mean(axis=0)) ** 2))
    expected = normal_log_density(x, x.mean(axis=0), log_var).sum(axis=1).mean()
    assert linear.baseline == pytest.approx(expected, rel=1e-5)
    assert linear.worth == pytest.approx(linear.train_terms.elbo.mean() - expected, rel=1e-5)


def test_the_baseline_of_binary_data_is_that_of_their_frequencies():
    m = Measurements(binary_subject(causes=1, entries=4, count=400, weight=0.5))
    p = m.train.mean(axis=0, dtype="float64")
    entropy = -np.sum(p * np.log(p) + (1 - p) * np.log(1 - p))
    assert m.baseline == pytest.approx(-entropy, abs=1e-4)


def test_a_model_that_gained_nothing_is_worth_one_nat():
    m = Measurements(linear_subject(decode=lambda z: 0 * z))
    assert m.train_terms.elbo.mean() < m.baseline
    assert m.worth == 1.0


def test_the_gaussian_without_sigma_gets_the_one_that_fits_its_errors():
    m = Measurements(squares_subject())
    # x - W z = sigma e, for z ~ p(z|x)
    squares = (m.train - m.train_terms.z * WEIGHTS) ** 2
    assert m.likelihood.sigma == pytest.approx(np.sqrt(squares.mean()), rel=1e-5)
    assert_mean(squares.ravel(), SIGMA**2)
    assert m.variance_ratio[0] == pytest.approx(1.0, rel=1e-5)


def test_log_prob_stands_in_for_the_decoder():
    def log_prob(x, z):
        return -np.sum(np.abs(x - z), axis=1)

    m = Measurements(linear_subject(log_prob=log_prob))
    terms = m.test_terms
    np.testing.assert_allclose(terms.distortion, np.abs(terms.x - terms.z).sum(axis=1), rtol=1e-5)
    z = np.zeros((1, 2, 3))
    log_prior = -1.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(
        m._log_joint(terms.x[:2])(z)[0], log_prior - np.abs(terms.x[:2]).sum(axis=1), rtol=1e-5
    )


def test_a_model_that_has_diverged_is_measured_without_a_warning():
    def encode(x):
        z_mean = np.full((len(x), 3), np.nan, "float32")
        return z_mean, z_mean

    m = Measurements(linear_subject(encode=encode, count=50))
    assert np.isnan(m.train_terms.elbo).all()


def test_a_log_variance_that_overflows_is_measured_without_a_warning():
    m = Measurements(linear_subject(encode=lambda x: (x, 0 * x + 1e4), count=50))
    assert not np.isfinite(m.train_terms.elbo).any()


# ---- weighting -------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.25, 1.0, 3.0])
def test_the_implied_beta_is_the_one_that_the_encoder_was_made_for(beta):
    implied = Measurements(linear_subject(beta=beta)).implied_beta
    assert abs(implied.beta - beta) < 4 * implied.standard_error
    assert abs(implied.by_means - beta) < 4 * implied.by_means_standard_error
    assert implied.standard_error < 0.1 * beta


def test_the_collapse_threshold_is_the_largest_eigenvalue_over_sigma_squared(linear):
    threshold, error = linear.collapse_threshold
    covariance = np.cov(linear.train.T.astype("float64"), bias=True)
    assert threshold == pytest.approx(np.linalg.eigvalsh(covariance)[-1] / SIGMA**2, rel=1e-4)
    assert abs(threshold - (1 + 9 / SIGMA**2)) < 4 * error


def test_constant_data_have_no_collapse_threshold():
    subject = binary_subject(count=100)
    constant = dataclasses.replace(subject, train=np.ones_like(subject.train))
    # a Bernoulli's variance is p (1 - p) of the data
    assert Measurements(constant).collapse_threshold is None


def test_a_model_that_leaves_nothing_over_has_a_residual_threshold_near_one(linear):
    threshold, error = linear.residual_threshold
    assert threshold == pytest.approx(1.0, abs=4 * error + 0.05)


def test_a_latent_that_is_missing_stands_in_the_residual():
    w = np.diag(WEIGHTS)[:, :1]
    whole = linear_subject()
    m = Measurements(
        linear_subject(
            encode=lambda x: [part[:, :1] for part in whole.encode(x)], decode=lambda z: z @ w.T
        )
    )
    threshold, error = m.residual_threshold
    # what the second latent explained: (1 + sigma^2) / sigma^2
    assert abs(threshold - (1 + SIGMA**2) / SIGMA**2) < 4 * error


def test_a_binary_residual_is_measured_in_the_decoders_own_variance():
    threshold, _ = Measurements(binary_subject()).residual_threshold
    # the largest of 60 eigenvalues from 1000 examples, each 1 (Marchenko & Pastur 1967)
    assert threshold == pytest.approx((1 + np.sqrt(60 / 1000)) ** 2, abs=0.1)
    # without its second cause: the correlation matrix of half of the entries
    m = Measurements(binary_subject(decode=lambda z: np.repeat(2 * z * [1, 0], 30, axis=1)))
    threshold, error = m.residual_threshold
    spread = m.test[:, 30:] - 0.5
    covariance = np.cov(spread.T.astype("float64"), bias=True)
    expected = np.linalg.eigvalsh(covariance)[-1] / 0.25
    assert threshold == pytest.approx(expected, abs=4 * error)
    assert threshold > 5


@pytest.mark.parametrize("claimed", [0.25, 0.5, 1.0])
def test_the_variance_ratio_is_the_true_variance_over_the_claimed_one(claimed):
    ratio, error = Measurements(linear_subject(likelihood=Gaussian(claimed))).variance_ratio
    assert abs(ratio - (SIGMA / claimed) ** 2) < 4 * error


def test_the_effective_beta_is_that_of_the_code_before_what_is_declared():
    whole = linear_subject(beta=4.0, entries=30, count=1100)
    error = 4 * Measurements(whole).reported.distortion_scale_error
    assert error < 0.05
    declared = dataclasses.replace(whole, beta=1.0)
    for subject in (whole, declared):
        assert Measurements(subject).effective_beta == pytest.approx(4.0, rel=error)
    averaged = dataclasses.replace(
        whole, loss_fn=lambda x: {"distortion": whole.loss_fn(x)["distortion"] / 30}
    )
    assert Measurements(averaged).effective_beta == pytest.approx(120.0, rel=error)

    unknown = dataclasses.replace(whole, loss_fn=None)
    assert Measurements(unknown).effective_beta == 4.0
    logged = dataclasses.replace(unknown, history={"beta": [0.5, 2.0]})
    assert Measurements(logged).effective_beta == 2.0


def test_the_reported_terms_of_right_code_are_the_measured_ones():
    reported = Measurements(linear_subject(beta=2.0)).reported
    assert abs(reported.distortion_scale - 1) < 4 * reported.distortion_scale_error
    assert reported.rate_scale == pytest.approx(1.0, rel=1e-4)
    assert reported.rate_formula == "correct"
    assert not reported.leaves_out_constants
    assert reported.rate_weight / reported.distortion_weight == pytest.approx(2.0, rel=1e-2)


def test_squared_errors_are_known_to_leave_constants_out():
    whole = linear_subject(sigma=0.1, decode=lambda z: 0 * z)
    # batches of different errors, which a decoder of nothing makes of examples of different size
    train = whole.train * np.linspace(0.2, 1, 2000, dtype="float32")[:, None]

    def loss_fn(x):
        return {"distortion": np.sum(x**2, axis=1) / (2 * 0.1**2)}

    m = Measurements(dataclasses.replace(whole, train=train, loss_fn=loss_fn))
    assert m.reported.leaves_out_constants
    assert m.reported.distortion_scale == pytest.approx(1.0, rel=1e-5)
    # n/2 log(2 pi sigma^2)
    assert m._constants == pytest.approx(1.5 * np.log(2 * np.pi * 0.01))


def test_decoded_variances_are_counted_below_a_256th_of_the_range():
    def decode(z):
        log_var = np.broadcast_to(2 * np.log([1e-4, 1.0, 1.0]), (len(z), 3))
        return z * WEIGHTS, log_var

    m = Measurements(linear_subject(decode=decode, likelihood=Gaussian("decoded")))
    fraction, floor = m.smallest_sigmas
    assert fraction == pytest.approx(1 / 3)
    assert floor == pytest.approx(np.ptp(m.train) / 256)
    assert m.variance_ratio is None
    assert Measurements(linear_subject()).smallest_sigmas is None


# ---- sampling, other ways to compute ----------------------------------------------------


def test_the_noise_of_right_code_is_standard_normal_and_new_each_time(linear):
    noise = linear.noise
    assert abs(noise.std - 1) < 4 * noise.std_standard_error
    assert abs(noise.row_correlation) < 4 * noise.correlation_standard_error
    assert abs(noise.call_correlation) < 4 * noise.correlation_standard_error


def test_samples_of_the_prior_are_told_from_samples_of_something_else():
    rng = np.random.default_rng(0)
    decode = linear_subject().decode

    def bins(std):
        return Measurements(
            linear_subject(
                generate=lambda count: decode(std * rng.standard_normal((count, 3))),
            )
        ).generated_bins

    assert bins(1.0).p_value > 1e-4
    assert bins(0.4).p_value < 1e-10


def test_training_mode_is_held_against_evaluation_with_the_same_noise():
    whole = linear_subject(count=100)
    m = Measurements(
        dataclasses.replace(whole, training_mode=(whole.encode, lambda z: whole.decode(z) + 0.1))
    )
    np.testing.assert_array_equal(m.training_mode_terms.z, m.train_terms.z)
    # -log N(x; m + c) + log N(x; m) = (n c^2 - 2 c sum(x - m)) / 2 sigma^2
    errors = (m.train - whole.decode(m.train_terms.z)).sum(axis=1)
    expected = (3 * 0.1**2 - 2 * 0.1 * errors) / (2 * SIGMA**2)
    rise = m.training_mode_terms.distortion - m.train_terms.distortion
    np.testing.assert_allclose(rise, expected, atol=1e-5)


@pytest.mark.parametrize("part", ["z_mean", "z_log_var", "decode"])
def test_the_drift_of_an_export_is_relative_to_the_largest_output(part):
    whole = linear_subject()
    add = {name: 0.25 * (name == part) for name in ("z_mean", "z_log_var", "decode")}

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return z_mean + add["z_mean"], z_log_var + add["z_log_var"]

    m = Measurements(
        dataclasses.replace(whole, served=(encode, lambda z: whole.decode(z) + add["decode"]))
    )
    z_mean, z_log_var = whole.encode(m.test[:100])
    largest = {
        "z_mean": z_mean,
        "z_log_var": z_log_var,
        "decode": whole.decode(m.test_terms.z[:100]),
    }
    expected = 0.25 / np.abs(largest[part]).max()
    assert m.served_drift == pytest.approx(expected, rel=1e-4)


def test_the_drift_of_a_decoder_of_variances_is_that_of_its_worse_half():
    def decode(z):
        return z * WEIGHTS, np.ones((len(z), 3))

    def served(z):
        mean, log_var = decode(z)
        return mean, 1.5 * log_var

    subject = linear_subject(decode=decode, likelihood=Gaussian("decoded"))
    subject = dataclasses.replace(subject, served=(subject.encode, served))
    assert Measurements(subject).served_drift == pytest.approx(0.5)


def test_duplicates_are_looked_for_in_what_is_stored():
    subject = linear_subject(count=100)
    copied = np.concatenate([subject.train[:10], subject.test[10:]])
    assert Measurements(dataclasses.replace(subject, test=copied)).duplicates == (0.2, 0.0)
    stored = dataclasses.replace(subject, stored=(subject.train, copied))
    assert Measurements(stored).duplicates == (0.2, 0.0)
    assert Measurements(subject).duplicates == (0.0, 0.0)


# ---- latents ---------------------------------------------------------------------------


def test_another_examples_z_costs_what_the_latents_explain(linear):
    gap, error = linear.shuffle_gap
    # E|x - W z'|^2 - E|x - W z|^2 = 2 sum_j w_j^2, over 2 sigma^2
    assert abs(gap - np.sum(np.square(WEIGHTS)) / SIGMA**2) < 4 * error


def test_latents_are_active_where_the_posterior_mean_varies():
    # its variance over the data: w^2 / (w^2 + sigma^2) = 0.5 and 0.0016
    m = Measurements(linear_subject(weights=(0.5, 0.02)))
    np.testing.assert_array_equal(m.active, [True, False])


def test_the_exact_posteriors_fill_the_prior(linear):
    assert abs(linear.prior_auc.auc - 0.5) < 4 * linear.prior_auc.standard_error


def test_the_range_of_the_decoder_is_asked_for_far_out():
    m = Measurements(binary_subject(count=100))
    low, high = m.output_range
    assert (low, high) == pytest.approx((0.0, 1.0), abs=1e-6)
    m = Measurements(linear_subject(count=100, decode=lambda z: np.tanh(1e-2 * z)))
    assert m.output_range == pytest.approx((-1.0, 1.0), abs=1e-3)


# ---- inference -------------------------------------------------------------------------


def test_with_the_exact_posterior_every_bound_is_log_p_of_each_example(linear):
    few = len(linear.inference.elbo)
    exact = EXACT.log_evidence(linear.test[:few])
    assert 20 <= few < len(linear.test)
    for bound in (linear.inference.elbo, linear.inference.encoder_bound):
        np.testing.assert_allclose(bound, exact, atol=1e-3)
    # half of its draws are of the posterior that was searched
    assert_mean(linear.inference.bound - exact, 0.0)
    lost = exact - linear.inference.refined_elbo
    assert -4 * standard_error(lost) < np.mean(lost) < 0.1
    exact = EXACT.log_evidence(linear.train[:few])
    np.testing.assert_allclose(linear.train_inference.elbo, exact, atol=1e-3)


def test_a_search_finds_most_of_what_a_wrong_encoder_loses():
    whole = linear_subject()

    def encode(x):
        z_mean, z_log_var = whole.encode(x)
        return z_mean, z_log_var + np.log(4)

    m = Measurements(dataclasses.replace(whole, encode=encode))
    best = m.inference
    log_p = EXACT.log_evidence(m.test[: len(best.elbo)])
    # KL(q || p(z|x)) = 1/2 sum_j (4 - 1 - log 4)
    gap = 1.5 * (3 - np.log(4))
    assert_mean(log_p - best.elbo, gap)
    assert 0.8 * gap < np.mean(best.refined_elbo - best.elbo) < gap + 0.05
    # the weights vary, so that L_K lies a little below log p(x)
    lost = log_p - best.bound
    assert -4 * standard_error(lost) < np.mean(lost) < 0.1
    assert np.mean(log_p - best.encoder_bound) > np.mean(lost) - 0.01


def test_the_models_own_bound_is_asked_for_the_examples_of_ours():
    subject = linear_subject(bound=lambda x, k: EXACT.log_evidence(x) - 2 + 0 * k)
    m = Measurements(subject)
    k, theirs, ours, elbo = m.reported_bound
    assert k > 1
    np.testing.assert_allclose(theirs, ours - 2, atol=1e-3)
    np.testing.assert_allclose(elbo, ours, atol=1e-3)
    assert Measurements(linear_subject()).reported_bound is None


def test_each_part_is_probed_once_and_with_the_noise_of_before():
    asked = []

    def probe(part, steps):
        asked.append((part, steps > 0))
        return linear_subject(count=100)

    m = Measurements(linear_subject(count=100, probe=probe))
    for part in ("both", "encoder", "both", "encoder"):
        np.testing.assert_array_equal(m.probe(part).elbo, m.held_out.elbo)
    assert asked == [("both", True), ("encoder", True)]


def test_a_probe_is_measured_by_what_it_learnt():
    m = Measurements(
        linear_subject(likelihood=Gaussian(2.0), probe=lambda part, steps: linear_subject())
    )
    # sigma was all that was wrong
    assert_mean(m.probe("both").elbo - EXACT.log_evidence(m.test), 0.0)

    def log_prob(x, z):
        return Gaussian(SIGMA).log_prob(x, z * WEIGHTS) + 5

    same = linear_subject(log_prob=log_prob)
    m = Measurements(dataclasses.replace(same, probe=lambda part, steps: same))
    np.testing.assert_allclose(m.probe("both").elbo, m.held_out.elbo)


# ---- protocol --------------------------------------------------------------------------


def test_what_the_subject_does_not_allow_is_none():
    m = Measurements(linear_subject(count=100, sample=None, loss_fn=None))
    for name in ("reported", "noise", "generated_bins", "training_mode_terms", "served_drift"):
        assert getattr(m, name) is None, name
    assert m.probe("both") is None


def test_without_test_examples_the_training_examples_are_looked_at():
    m = Measurements(linear_subject(count=100, test=None))
    assert m.test is None
    assert m.test_terms is None
    assert m.held_out is m.train_terms
    np.testing.assert_array_equal(m.inference.elbo, m.train_inference.elbo)
    assert m.figures["split"] == "train"
    assert "test" not in m.protocol


def test_no_more_examples_are_looked_at_than_were_asked_for():
    m = Measurements(linear_subject(count=100), examples=40, seed=3)
    assert m.train.shape == m.test.shape == (40, 3)
    assert len(m.held_out.z) == 40
    known = {row.tobytes(): place for place, row in enumerate(m.subject.train)}
    places = [known[row.tobytes()] for row in m.train]
    # in their order, none of them twice, and not always the same
    assert np.all(np.diff(places) > 0)
    other = Measurements(m.subject, examples=40, seed=4)
    assert not np.array_equal(m.train, other.train)
    assert "40 training examples, 40 test examples" in m.protocol
    assert "seed 3" in m.protocol


def everything(m):
    """All that can be measured, as numbers."""
    measured = [m.figures, m.baseline, m.worth, m.split_shift, m.split_bins, m.duplicates]
    measured += [m.implied_beta, m.collapse_threshold, m.reported, m.variance_ratio]
    measured += [m.residual_threshold, m.noise, m.generated_bins, m.training_mode_terms]
    measured += [m.served_drift, m.active, m.shuffle_gap, m.prior_auc, m.output_range]
    measured += [m.train_inference, m.inference, m.reported_bound, m.probe("both")]
    return [
        dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
        for value in measured
    ]


def full_subject(watch=lambda values: values, count=1300):
    """A subject that allows everything; `watch` sees what each of its functions is given."""
    whole = linear_subject(count=count)
    noise = np.random.default_rng(2)

    def encode(x):
        # what belongs to a user's model may not be written into
        parts = whole.encode(watch(x))
        for part in parts:
            part.setflags(write=False)
        return parts

    def decode(z):
        return whole.decode(watch(z))

    def generate(count):
        return whole.decode(noise.standard_normal((count, 3)))

    return dataclasses.replace(
        whole,
        encode=encode,
        decode=decode,
        sample=lambda x: whole.sample(watch(x)),
        loss_fn=lambda x: whole.loss_fn(watch(x)),
        generate=generate,
        bound=lambda x, k: EXACT.log_evidence(watch(x)),
        training_mode=(encode, decode),
        served=(encode, decode),
        probe=lambda part, steps: dataclasses.replace(whole, encode=encode, decode=decode),
    )


def test_the_same_seed_gives_the_same_numbers():
    first, again = (everything(Measurements(full_subject(count=600), seed=5)) for _ in range(2))
    np.testing.assert_equal(first, again)
    draws = [Measurements(linear_subject(count=600), seed=seed).train_terms.z for seed in (5, 6)]
    assert not np.any(draws[0] == draws[1])


def test_the_models_functions_are_given_at_most_500_examples_and_float32():
    seen = []

    def watch(values):
        seen.append((len(values), values.dtype))
        return values

    everything(Measurements(full_subject(watch)))
    sizes, dtypes = zip(*seen, strict=True)
    assert max(sizes) == 500
    assert set(dtypes) == {np.dtype("float32")}


def test_no_data_are_changed():
    subject = full_subject(count=600)
    before = subject.train.copy(), subject.test.copy()
    for x in (subject.train, subject.test):
        x.setflags(write=False)
    everything(Measurements(subject))
    np.testing.assert_array_equal(subject.train, before[0])
    np.testing.assert_array_equal(subject.test, before[1])


def test_the_figures_are_the_measurements(linear):
    figures = linear.figures
    terms = linear.test_terms
    assert figures["split"] == "test"
    assert figures["elbo"] == pytest.approx(-figures["distortion"] - figures["rate"])
    assert figures["elbo"] == pytest.approx(terms.elbo.mean())
    assert figures["elbo_standard_error"] == pytest.approx(standard_error(terms.elbo))
    assert figures["train_elbo"] == pytest.approx(linear.train_terms.elbo.mean())
    assert figures["active_units"] == figures["latent"] == 3
    assert figures["implied_beta"] == linear.implied_beta.beta
    assert figures["collapse_threshold"] == linear.collapse_threshold[0]


def test_an_implied_beta_that_cannot_be_told_is_none():
    m = Measurements(linear_subject(encode=lambda x: (0 * x, 0 * x), count=100))
    assert m.figures["implied_beta"] is None
    assert m.figures["implied_beta_standard_error"] is None


def test_images_are_measured_as_vectors_are():
    vectors = binary_subject(count=200, sample=None, loss_fn=None)
    shaped = dataclasses.replace(
        vectors,
        encode=lambda x: vectors.encode(x.reshape(-1, 60)),
        decode=lambda z: vectors.decode(z).reshape(-1, 6, 10, 1),
        train=vectors.train.reshape(-1, 6, 10, 1),
        test=vectors.test.reshape(-1, 6, 10, 1),
    )
    flat, shaped = Measurements(vectors), Measurements(shaped)
    assert shaped.entries == 60
    np.testing.assert_allclose(shaped.test_terms.elbo, flat.test_terms.elbo)
    assert shaped.baseline == pytest.approx(flat.baseline)
    assert shaped.collapse_threshold == pytest.approx(flat.collapse_threshold)
    assert shaped.residual_threshold == pytest.approx(flat.residual_threshold)
    np.testing.assert_allclose(shaped.inference.bound, flat.inference.bound)
    assert expit(0) == shaped.decoded_mean(np.zeros((1, 2)))[0, 0, 0, 0]
