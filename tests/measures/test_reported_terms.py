import numpy as np
import pytest

from keras_vae.measures import RATE_FORMULAS, reported_terms
from tests.reference import kl_from_standard_normal, normal_log_density

BATCHES, EXAMPLES, LATENTS, ENTRIES = 8, 128, 10, 784
WRONG = [name for name in RATE_FORMULAS if name != "correct"]


def posteriors(size=1.0, seed=0):
    """z_mean and z_log_var of each batch; with size 0 they are the prior."""
    rng = np.random.default_rng(seed)
    shape = BATCHES, EXAMPLES, LATENTS
    z_mean = size * np.linspace(0.2, 1.5, LATENTS) * rng.standard_normal(shape)
    z_log_var = size * (-1 + 0.5 * rng.standard_normal(shape))
    return z_mean, z_log_var


def distortions(seed=0):
    return 100 + 20 * np.random.default_rng((seed, 1)).standard_normal((BATCHES, EXAMPLES))


def formula_rates(name, z_mean, z_log_var):
    return 0.5 * np.sum(RATE_FORMULAS[name](z_mean, z_log_var), axis=-1)


def logged(to_float=np.float32, **terms):
    """What float32 code puts into its log: the mean over each batch."""
    return [
        {name: to_float(np.mean(values[k], dtype="float64")) for name, values in terms.items()}
        for k in range(BATCHES)
    ]


def measured(size=1.0, seed=0, formula="correct", scale=1.0, weights=(1.0, 1.0)):
    """The measure of code that computes its rate by a formula."""
    codes, distortion = posteriors(size, seed), distortions(seed)
    rate = scale * formula_rates(formula, *codes)
    loss = weights[0] * distortion + weights[1] * rate
    terms = logged(loss=loss, distortion=distortion, rate=rate)
    return reported_terms(terms, distortion, *codes)


def test_the_formula_called_correct_is_the_divergence():
    codes = posteriors()
    np.testing.assert_allclose(
        formula_rates("correct", *codes), kl_from_standard_normal(*codes), rtol=1e-12
    )


@pytest.mark.parametrize("is_for_each_example", [True, False])
def test_right_terms_are_found_right(is_for_each_example):
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    if is_for_each_example:
        terms = [
            {"loss": d + r, "distortion": d, "rate": r}
            for d, r in zip(np.float32(distortion), np.float32(rate), strict=True)
        ]
    else:
        terms = logged(loss=distortion + rate, distortion=distortion, rate=rate)
    found = reported_terms(terms, distortion, *codes)
    assert found.rate_formula == "correct"
    assert found.distortion_scale == pytest.approx(1, rel=1e-6)
    assert found.rate_scale == pytest.approx(1, rel=1e-6)
    assert found.distortion_scale_error < 1e-6
    assert found.rate_scale_error < 1e-6
    weights = found.distortion_weight, found.rate_weight, found.beta
    assert weights == pytest.approx([1, 1, 1], rel=1e-3)
    assert abs(found.rate_error) < 1e-5
    assert (found.rounded_to, found.rounding_step) == (None, 0)


# a sum over latents, a mean over them, the half forgotten, a weight, a mean over entries
@pytest.mark.parametrize("scale", [1, 1 / LATENTS, 2, 0.37, 1 / ENTRIES])
@pytest.mark.parametrize("formula", WRONG)
def test_a_wrong_formula_is_named_and_its_error_is_the_difference(formula, scale):
    for size in (1, 0.3, 0.1):
        found = measured(size, formula=formula, scale=scale)
        codes = posteriors(size)
        expected = scale * formula_rates(formula, *codes) - kl_from_standard_normal(*codes)
        assert found.rate_formula == formula
        assert found.rate_scale == pytest.approx(scale, rel=1e-3)
        assert found.rate_error == pytest.approx(expected.mean(), rel=1e-5, abs=1e-6)
        batches = expected.mean(axis=1)
        spread = batches.std(ddof=1) / np.sqrt(BATCHES)
        assert found.rate_error_standard_error == pytest.approx(spread, rel=1e-2, abs=1e-5)


@pytest.mark.parametrize("scale", [1, 1 / LATENTS, 4, 0.37, 1 / ENTRIES])
@pytest.mark.parametrize("size", [1, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-5, 0])
def test_the_right_formula_is_never_called_wrong_near_collapse_or_not(size, scale):
    for seed in range(6):
        found = measured(size, seed, scale=scale)
        assert found.rate_formula == "correct"
        assert found.rate_scale == pytest.approx(scale, rel=2e-2) or size < 1e-2


@pytest.mark.parametrize("size", [1e-2, 1e-3, 1e-5, 0])
def test_the_missing_1_is_still_named_after_a_collapse(size):
    for scale in (1, 1 / LATENTS):
        found = measured(size, formula="the -1 is missing", scale=scale)
        assert found.rate_formula == "the -1 is missing"
        assert found.rate_error == pytest.approx(scale * LATENTS / 2, rel=1e-2)


def test_rates_of_exactly_0_divide_by_nothing():
    found = measured(size=0)
    assert found.rate_formula == "correct"
    assert (found.rate_error, found.rate_error_standard_error) == (0, 0)
    assert np.isnan(found.rate_scale)
    # The loss does not say how a term of 0 is weighed.
    assert np.isnan([found.distortion_weight, found.rate_weight, found.beta]).all()
    assert found.distortion_scale == pytest.approx(1, rel=1e-6)


def test_nor_do_distortions_and_losses_of_exactly_0():
    codes, zeros = posteriors(), np.zeros((BATCHES, EXAMPLES))
    rate = kl_from_standard_normal(*codes)
    found = reported_terms(logged(loss=rate, distortion=zeros, rate=rate), zeros, *codes)
    assert np.isnan([found.distortion_scale, found.distortion_weight, found.beta]).all()
    found = reported_terms(logged(loss=zeros, distortion=zeros, rate=zeros), zeros, *codes)
    assert np.isnan([found.distortion_weight, found.rate_weight, found.beta]).all()
    assert found.rounded_to is None


def test_batches_of_equal_content_give_the_right_formula_the_benefit_of_the_doubt():
    codes = [np.repeat(part[:1], BATCHES, axis=0) for part in posteriors()]
    distortion = np.repeat(distortions()[:1], BATCHES, axis=0)

    def found(formula, scale):
        rate = scale * formula_rates(formula, *codes)
        terms = logged(loss=distortion + rate, distortion=distortion, rate=rate)
        return reported_terms(terms, distortion, *codes)

    for scale in (1, 1 / LATENTS, 4):
        right = found("correct", scale)
        assert right.rate_formula == "correct"
        assert right.rate_scale == pytest.approx(scale, rel=1e-6)
        # One equation for two weights.
        assert np.isnan([right.distortion_weight, right.rate_weight, right.beta]).all()
    for formula in WRONG:
        assert found(formula, 1).rate_formula == formula
        assert found(formula, 3.3).rate_formula in ("correct", None)


def test_a_rate_that_is_no_function_of_the_posteriors_follows_no_formula():
    codes = posteriors()
    for seed in range(10):
        rate = np.random.default_rng(seed).gamma(10, size=(BATCHES, EXAMPLES))
        found = reported_terms(logged(rate=rate), distortions(), *codes)
        assert found.rate_formula is None
        expected = rate.mean() - kl_from_standard_normal(*codes).mean()
        assert found.rate_error == pytest.approx(expected, rel=1e-5)
    # such as a floor, "free nats", that holds in every batch
    found = reported_terms(logged(rate=np.full((BATCHES, EXAMPLES), 3.0)), distortions(), *codes)
    assert found.rate_formula is None


def test_a_monte_carlo_estimate_is_off_by_no_more_than_its_error_and_called_nothing_wrong():
    codes = z_mean, z_log_var = posteriors()
    off = []
    for seed in range(40):
        noise = np.random.default_rng((seed, 2)).standard_normal(z_mean.shape)
        z = z_mean + np.exp(z_log_var / 2) * noise
        # log q(z|x) - log p(z)
        entries = normal_log_density(z, z_mean, z_log_var) - normal_log_density(z, 0, 0)
        found = reported_terms(logged(rate=entries.sum(axis=-1)), distortions(), *codes)
        assert found.rate_formula in ("correct", None)
        off.append(found.rate_error / found.rate_error_standard_error)
    # Student's t with 7 degrees of freedom
    assert abs(np.mean(off)) < 4 * np.sqrt(7 / 5 / 40)
    assert 0.7 < np.std(off) < 1.8


def test_a_mean_over_entries_weighs_the_rate_as_many_times_more():
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    terms = logged(loss=distortion / ENTRIES + rate, distortion=distortion / ENTRIES, rate=rate)
    found = reported_terms(terms, distortion, *codes)
    assert found.distortion_scale == pytest.approx(1 / ENTRIES, rel=1e-5)
    assert found.beta == pytest.approx(ENTRIES, rel=1e-2)


def test_a_mean_over_latents_weighs_the_rate_as_many_times_less():
    found = measured(scale=1 / LATENTS)
    assert found.rate_scale == pytest.approx(1 / LATENTS, rel=1e-5)
    assert found.beta == pytest.approx(1 / LATENTS, rel=1e-2)


def test_another_draw_of_z_leaves_the_scale_within_its_error():
    codes, distortion = posteriors(), distortions()
    off = []
    for seed in range(60):
        noise = 2 * np.random.default_rng((seed, 2)).standard_normal(distortion.shape)
        found = reported_terms(logged(distortion=(distortion + noise) / 7), distortion, *codes)
        off.append((found.distortion_scale - 1 / 7) / found.distortion_scale_error)
    assert abs(np.mean(off)) < 4 * np.sqrt(7 / 5 / 60)
    assert 0.7 < np.std(off) < 1.8


@pytest.mark.parametrize("weights", [(1, 4), (2, 0.5), (1 / ENTRIES, 1 / ENTRIES), (1, -1)])
def test_the_weights_in_the_loss_are_found(weights):
    found = measured(weights=weights)
    assert (found.distortion_weight, found.rate_weight) == pytest.approx(weights, rel=2e-3)
    assert found.beta == pytest.approx(weights[1] / weights[0], rel=2e-3)


def test_a_term_that_the_loss_leaves_out_weighs_exactly_0():
    for seed in range(10):
        without_rate = measured(seed=seed, weights=(1, 0))
        assert without_rate.rate_weight == without_rate.beta == 0
        without_distortion = measured(seed=seed, weights=(0, 1))
        assert without_distortion.distortion_weight == 0
        assert np.isnan(without_distortion.beta)


@pytest.mark.parametrize("size", [0.03, 1e-2, 1e-3])
def test_a_rate_too_small_to_matter_is_not_taken_for_one_left_out(size):
    for seed in range(10):
        found = measured(size, seed)
        assert np.isnan(found.rate_weight) or found.rate_weight == pytest.approx(1, abs=0.05)


def test_a_loss_with_something_else_in_it_has_no_weights():
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    for penalty in (2, 5, 200 * np.random.default_rng(0).random((BATCHES, 1))):
        terms = logged(loss=distortion + rate + penalty, distortion=distortion, rate=rate)
        found = reported_terms(terms, distortion, *codes)
        assert np.isnan([found.distortion_weight, found.rate_weight, found.beta]).all()


def bfloat16(values):
    """Rounded to the 7 bits after the leading one that the upper half of a float32 holds."""
    bits = np.float32(values).view("uint32").astype("uint64")
    return ((bits + 0x8000) & 0xFFFF0000).astype("uint32").view("float32")


# between 64 and 256 nats: 2^6 or 2^7 over 2^bits
@pytest.mark.parametrize(
    ("name", "to_half", "bits"), [("float16", np.float16, 10), ("bfloat16", bfloat16, 7)]
)
def test_half_precision_shows_in_the_values(name, to_half, bits):
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    whole = {"loss": distortion + rate, "distortion": distortion, "rate": rate}
    found = reported_terms(logged(to_half, **whole), distortion, *codes)
    assert found.rounded_to == name
    largest = np.log2((distortion + rate).mean(axis=1).max())
    assert found.rounding_step == 2.0 ** (np.floor(largest) - bits)
    # The rounding of the terms is nobody's formula.
    assert found.rate_formula == "correct"
    assert found.rate_scale == pytest.approx(1, rel=2.0**-bits)

    each = [{"distortion": to_half(batch)} for batch in distortion]
    found = reported_terms(each, distortion, *codes)
    assert found.rounded_to == name
    assert found.rounding_step == 2.0 ** (np.floor(np.log2(distortion.max())) - bits)
    # Means in float32 of such values are not such values.
    whole = {"loss": to_half(distortion + rate), "distortion": to_half(distortion)}
    assert reported_terms(logged(**whole), distortion, *codes).rounded_to is None


def test_a_few_round_values_are_not_taken_for_half_precision():
    codes, distortion = posteriors(), distortions()
    for rate in (np.zeros((BATCHES, EXAMPLES)), np.full((BATCHES, EXAMPLES), 32.0)):
        found = reported_terms([{"rate": batch} for batch in rate], distortion, *codes)
        assert (found.rounded_to, found.rounding_step) == (None, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_rate_that_is_no_number_follows_no_formula(value):
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    rate[3, 5] = value
    terms = logged(loss=distortion + rate, distortion=distortion, rate=rate)
    found = reported_terms(terms, distortion, *codes)
    assert found.rate_formula is None
    assert found.rounded_to is None
    assert not np.isfinite(found.rate_error)
    assert np.isnan([found.distortion_weight, found.rate_weight, found.beta]).all()
    assert found.distortion_scale == pytest.approx(1, rel=1e-6)


def test_what_is_not_reported_is_nan():
    codes, distortion = posteriors(), distortions()
    rate = kl_from_standard_normal(*codes)
    of_distortion = {"distortion_scale", "distortion_scale_error"}
    of_rate = {
        *("rate_scale", "rate_scale_error"),
        *("rate_error", "rate_error_standard_error"),
    }
    of_loss = {"beta", "distortion_weight", "rate_weight"}
    for terms, known in (
        ({}, set()),
        ({"loss": distortion + rate}, set()),
        ({"loss": distortion + rate, "distortion": distortion}, of_distortion),
        ({"rate": rate}, of_rate),
        ({"distortion": distortion, "rate": rate}, of_distortion | of_rate),
    ):
        found = reported_terms(logged(**terms), distortion, *codes)
        for name in of_distortion | of_rate | of_loss:
            assert np.isfinite(getattr(found, name)) == (name in known), name
        assert found.rate_formula == ("correct" if "rate" in terms else None)


@pytest.mark.parametrize("constants", [720.5, -500.0])
def test_constants_that_training_code_leaves_out_are_no_error_of_scale(constants):
    codes, distortion = posteriors(), distortions()
    for scale in (1, 1 / ENTRIES):
        rest = logged(distortion=scale * distortion)
        found = reported_terms(rest, distortion + constants, *codes, constants=constants)
        assert found.distortion_scale == pytest.approx(scale, rel=1e-6)
        everything = logged(distortion=scale * (distortion + constants))
        found = reported_terms(everything, distortion + constants, *codes, constants=constants)
        assert found.distortion_scale == pytest.approx(scale, rel=1e-6)


def test_constants_that_are_known_to_be_left_out_need_not_be_guessed():
    """Where noise of z hides which of the two the reported term varies as."""
    codes, squares = posteriors(), distortions()
    constants = -11.0
    noise = 1 + 0.2 * np.random.default_rng((31, 8)).standard_normal(squares.shape)
    terms = logged(loss=squares * noise / 64, distortion=squares * noise / 64)  # a mean
    guessed, known = (
        reported_terms(terms, squares + constants, *codes, constants, are_left_out=is_known)
        for is_known in (False, True)
    )
    assert not guessed.leaves_out_constants
    assert known.leaves_out_constants
    assert abs(64 * known.distortion_scale - 1) < 4 * 64 * known.distortion_scale_error


def test_a_term_that_equals_what_is_left_without_constants_has_left_them_out():
    """Though it hardly varies: its ratio to the whole, which is near 1 / 100, says nothing."""
    codes = posteriors()
    squares = 1 + 0.01 * np.random.default_rng((31, 9)).standard_normal((BATCHES, EXAMPLES))
    own = squares * (1 + 0.01 * np.random.default_rng((31, 10)).standard_normal(squares.shape))
    measured = reported_terms(
        logged(loss=squares, distortion=squares), own + 91.0, *codes, constants=91.0
    )
    assert measured.leaves_out_constants
    assert measured.distortion_scale == pytest.approx(1.0, abs=0.01)


def test_what_is_left_is_known_within_the_noise_of_its_batches():
    """The draws of z that are logged are not those that are recomputed."""
    codes = posteriors()
    # means of batches, in turn 0.8 and 1.1 of what is recomputed: 0.95 with an error of 0.057
    own = np.ones((BATCHES, EXAMPLES))
    squares = own * np.tile([[0.8], [1.1]], (BATCHES // 2, 1))
    terms = logged(loss=squares, distortion=squares)
    measured = reported_terms(terms, own + 91.0, *codes, constants=91.0)
    assert measured.leaves_out_constants
    assert measured.distortion_scale == pytest.approx(0.95)
    assert measured.distortion_scale_error == pytest.approx(0.15 / np.sqrt(BATCHES - 1))
