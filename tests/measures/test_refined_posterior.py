import numpy as np
import pytest

from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.measures import refined_elbo, refined_posterior
from tests.reference import normal_log_density

VARIANCE = 0.5
# columns at right angles, where the best diagonal q(z|x) is p(z|x); and not
STRAIGHT = np.array([[2.0, 0], [0, 1.0], [0, 0]])
OBLIQUE = np.array([[2.0, 0.8], [0, 1.0], [0.5, 0.5]])


class Linear:
    """A linear-Gaussian model, examples of it, and what is known of them."""

    def __init__(self, weights, count=150):
        rng = np.random.default_rng(10_000)
        entries, latents = weights.shape
        self.weights = weights
        self.model = LinearGaussian(weights, np.zeros(entries), VARIANCE)
        z = rng.standard_normal((count, latents))
        self.x = z @ weights.T + np.sqrt(VARIANCE) * rng.standard_normal((count, entries))
        self.log_evidence = self.model.log_evidence(self.x)
        # The best diagonal q(z|x): the mean of p(z|x), variances 1 / P_jj (Lucas et al. 2019)
        self.z_mean = self.model.posterior_mean(self.x)
        precision = np.diag(self.model.posterior_precision)
        self.z_log_var = np.broadcast_to(-np.log(precision), self.z_mean.shape)

    def log_joint(self, z):
        likelihood = normal_log_density(self.x, z @ self.weights.T, np.log(VARIANCE))
        return likelihood.sum(axis=-1) + normal_log_density(z, 0, 0).sum(axis=-1)

    def gap(self, z_mean, z_log_var):
        """KL(q(z|x) || p(z|x)) of each example."""
        precision = self.model.posterior_precision
        off = z_mean - self.z_mean
        trace = np.sum(np.exp(z_log_var) * np.diag(precision), axis=1)
        distance = np.einsum("ni,ij,nj->n", off, precision, off)
        log_det = np.linalg.slogdet(precision)[1]
        return 0.5 * (trace + distance - len(precision) - z_log_var.sum(axis=1) - log_det)

    def encoder(self, shift, log_ratio):
        """The best q(z|x), off by as many of its standard deviations and times the variance."""
        std = np.exp(self.z_log_var / 2)
        return self.z_mean + shift * std, self.z_log_var + log_ratio


def refined(linear, shift, log_ratio, **more):
    return refined_posterior(linear.log_joint, *linear.encoder(shift, log_ratio), **more)


# (shift in standard deviations, natural log of the ratio of variances, nats left at most)
WRONG_ENCODERS = [
    (0, 0, 0.1),
    (0.5, 0, 0.1),
    (2, 0, 0.15),
    (-4, 0, 0.4),
    (0, 1.5, 0.1),
    (0, -1.5, 0.1),
    (1, 1, 0.1),
    (1, -1, 0.15),
]


@pytest.mark.parametrize("weights", [STRAIGHT, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize(("shift", "log_ratio", "left"), WRONG_ENCODERS)
def test_a_wrong_encoder_is_brought_back_to_the_best(weights, shift, log_ratio, left):
    linear = Linear(weights)
    gap = linear.gap(*linear.encoder(shift, log_ratio)).mean()
    best = linear.model.diagonal_gap()
    elbos, refined_elbos = [], []
    for seed in range(10):
        found = refined(linear, shift, log_ratio, seed=seed)
        elbos.append((found.elbo - linear.log_evidence).mean())
        refined_elbos.append((found.refined_elbo - linear.log_evidence).mean())
    error = 4 * max(np.std(elbos, ddof=1), np.std(refined_elbos, ddof=1)) / np.sqrt(10)
    assert abs(np.mean(elbos) + gap) <= error + 1e-9
    # No diagonal Gaussian is better than the best, and that is nearly reached.
    assert -best - left < np.mean(refined_elbos) < -best + error
    gain = np.mean(refined_elbos) - np.mean(elbos)
    assert gap - best - left - 2 * error < gain < gap - best + 2 * error


@pytest.mark.parametrize("weights", [STRAIGHT, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize(("shift", "log_ratio", "left"), WRONG_ENCODERS)
def test_the_bound_is_near_log_p_and_never_above_it_but_for_noise(weights, shift, log_ratio, left):
    linear = Linear(weights)
    found = [refined(linear, shift, log_ratio, seed=seed) for seed in range(10)]
    for name, below in (("bound", 0.15), ("encoder_bound", np.inf)):
        # of the mean over the examples, by seed
        off = [(getattr(each, name) - linear.log_evidence).mean() for each in found]
        error = np.std(off, ddof=1) / np.sqrt(10)
        assert -below < np.mean(off) <= 4 * error + 1e-9, name


def test_the_bounds_are_unbiased_for_p():
    linear = Linear(OBLIQUE, count=20)
    found = [refined(linear, 1.0, -0.5, samples=50, seed=seed) for seed in range(300)]
    for name in ("bound", "encoder_bound"):
        # E p^(x) = p(x), for each example
        ratios = np.exp([getattr(each, name) - linear.log_evidence for each in found])
        error = ratios.std(axis=0, ddof=1) / np.sqrt(300)
        assert np.max(np.abs(ratios.mean(axis=0) - 1) / error) < 4


def test_where_q_is_the_posterior_every_weight_is_p_of_x():
    linear = Linear(STRAIGHT)
    found = refined(linear, 0, 0)
    np.testing.assert_allclose(found.elbo, linear.log_evidence, rtol=1e-10)
    np.testing.assert_allclose(found.encoder_bound, linear.log_evidence, rtol=1e-10)
    # The search, on few draws, moves off it by a little.
    assert np.median(found.effective_samples) > 95
    np.testing.assert_allclose(found.bound, linear.log_evidence, atol=0.2)


@pytest.mark.parametrize("weights", [STRAIGHT, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize(("shift", "log_ratio", "left"), WRONG_ENCODERS)
def test_the_gain_alone_takes_fewer_draws_and_is_the_same(weights, shift, log_ratio, left):
    linear = Linear(weights)
    encoder, rows = linear.encoder(shift, log_ratio), []

    def log_joint(z):
        rows.append(z.shape[0] * z.shape[1])
        return linear.log_joint(z)

    found = refined_elbo(log_joint, *encoder, start=(linear.z_mean, linear.z_log_var))
    gap, best = linear.gap(*encoder), linear.model.diagonal_gap()
    # draws in pairs: of a log p(x, z) that is quadratic, the slopes cancel
    error = 4 * np.std(found.elbo - linear.log_evidence + gap) / np.sqrt(len(gap))
    assert abs(np.mean(found.elbo - linear.log_evidence) + gap.mean()) <= error + 1e-9
    assert abs(np.mean(found.gain) - (gap.mean() - best)) < error + 0.1
    taken = sum(rows)
    rows.clear()
    refined_posterior(log_joint, *encoder, 200, start=(linear.z_mean, linear.z_log_var))
    assert taken < 0.7 * sum(rows)


@pytest.mark.parametrize("turn", [0, 0.3, 0.8, -1.2])
def test_the_correlation_is_that_of_the_posterior(turn):
    linear = Linear(np.array([[1.5, turn], [0, 1.0], [0, 0]]))
    covariance = np.linalg.inv(linear.model.posterior_precision)
    expected = abs(covariance[0, 1]) / np.sqrt(covariance[0, 0] * covariance[1, 1])
    found = refined(linear, 0, 0, samples=2000)
    assert np.median(found.correlation) == pytest.approx(expected, abs=0.05)
    assert np.all(found.correlation <= 1 + 1e-9)


def test_of_several_latents_the_largest_correlation_counts_and_one_has_none():
    # Only the last two of three depend on each other.
    weights = np.array([[1.0, 0, 0], [0, 1.5, 1.2], [0, 0, 1.0]])
    linear = Linear(weights)
    covariance = np.linalg.inv(linear.model.posterior_precision)
    expected = abs(covariance[1, 2]) / np.sqrt(covariance[1, 1] * covariance[2, 2])
    found = refined(linear, 0, 0, samples=2000)
    assert np.median(found.correlation) == pytest.approx(expected, abs=0.05)
    alone = refined(Linear(np.array([[1.0], [2.0]])), 0.5, 0)
    assert np.all(alone.correlation == 0)


def test_effective_samples_are_those_of_the_bound():
    linear = Linear(STRAIGHT)
    near, far = (refined(linear, shift, 0) for shift in (0, -4))
    # Draws of an encoder that is far off count for nothing, those of what was found do.
    assert np.median(near.effective_samples) > 95
    assert 30 < np.median(far.effective_samples) < 55
    assert np.all(far.effective_samples <= 100 + 1e-9)
    assert np.mean(far.encoder_bound - linear.log_evidence) < -3
    assert np.mean(far.bound - linear.log_evidence) > -0.5


def test_each_example_is_searched_by_itself():
    linear = Linear(STRAIGHT)
    z_mean, z_log_var = np.array(linear.encoder(0, 0))
    z_mean[::2] += 2
    z_log_var[1::4] += 1.5
    found = refined_posterior(linear.log_joint, z_mean, z_log_var)
    gap = linear.gap(z_mean, z_log_var)
    gain = found.refined_elbo - found.elbo
    for rows in (slice(0, None, 2), slice(1, None, 4), slice(3, None, 4)):
        error = 4 * np.std(gain[rows]) / np.sqrt(len(gain[rows]))
        assert abs(gain[rows].mean() - gap[rows].mean()) < error + 0.1


def test_the_seed_decides_and_the_arguments_stay_as_they_are():
    linear = Linear(OBLIQUE)
    codes = [part.astype("float32") for part in linear.encoder(1, 0)]
    before = [part.copy() for part in codes]
    first, again, other = (
        refined_posterior(linear.log_joint, *codes, seed=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.bound, again.bound)
    assert np.all(first.bound != other.bound)
    for part, kept in zip(codes, before, strict=True):
        np.testing.assert_array_equal(part, kept)
    for name, values in vars(first).items():
        assert (values.shape, values.dtype) == ((150,), "float64"), name


@pytest.mark.parametrize("weights", [STRAIGHT, OBLIQUE], ids=["straight", "oblique"])
def test_a_search_that_starts_at_the_best_ends_there_however_far_the_encoder_is(weights):
    linear = Linear(weights)
    best = linear.z_mean, linear.z_log_var
    found = refined(linear, -8, 1.0, start=best)
    off = found.refined_elbo - linear.log_evidence + linear.model.diagonal_gap()
    assert abs(off.mean()) < 0.1
    # without a start it gets nowhere near in as many rounds
    assert np.mean(refined(linear, -8, 1.0).refined_elbo - found.refined_elbo) < -1


def test_of_many_candidates_it_does_not_choose_noise():
    linear = Linear(STRAIGHT)
    best = linear.z_mean, linear.z_log_var
    lost = [
        np.mean(linear.log_evidence - refined(linear, 0, 0, seed=seed, start=best).refined_elbo)
        for seed in range(4)
    ]
    assert np.mean(lost) < 0.04  # 0.06 where the highest of 12 estimates is taken


def test_a_start_that_is_worse_than_the_encoder_is_left():
    linear = Linear(STRAIGHT)
    far = linear.encoder(8, 0)
    found = refined(linear, 0, 0, start=far)
    assert np.mean(linear.log_evidence - found.refined_elbo) < 0.1


def test_an_encoder_without_any_width_gets_some():
    """exp(800) is beyond float64; and the search brings each back."""
    linear = Linear(STRAIGHT, 20)
    found = refined(linear, 0.0, -800.0, start=(linear.z_mean, linear.z_log_var), seed=1)
    np.testing.assert_allclose(found.refined_elbo, linear.log_evidence, atol=0.5)  # 100 draws
    # an encoder exp(-800) times as wide in each of 2 latents: the entropy of q is 800 nats less,
    # and one nat in each is not spent on the spread
    lost = found.refined_elbo - found.elbo
    np.testing.assert_allclose(lost, 800, atol=3)
    assert np.isfinite(found.bound).all()


def test_a_start_that_is_no_number_is_left():
    linear = Linear(STRAIGHT)
    nowhere = tuple(np.full(linear.z_mean.shape, np.nan) for _ in range(2))
    found = refined(linear, 0, 0, start=nowhere)
    assert np.mean(linear.log_evidence - found.refined_elbo) < 0.1


@pytest.mark.parametrize("search", [refined_elbo, refined_posterior])
def test_an_encoder_whose_density_is_zero_is_left_for_a_start(search):
    linear = Linear(STRAIGHT, 20)

    def log_joint(z):  # no z beyond 50 explains anything
        return np.where(np.abs(z).max(axis=-1) > 50, -np.inf, linear.log_joint(z))

    far = np.full(linear.z_mean.shape, 100.0), linear.z_log_var
    with np.errstate(invalid="ignore"):
        found = search(log_joint, *far, start=(linear.z_mean, linear.z_log_var))
    assert np.all(np.isneginf(found.elbo))
    np.testing.assert_allclose(found.refined_elbo, linear.log_evidence, atol=0.5)
