import numpy as np
import pytest

from keras_vae.measures import gain_per_doubling, jump_by_noise, jump_noise, largest_jump


def curve(count, gain, start=-150.0):
    return start + gain * np.log2(np.arange(count) + 1)


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 40])
@pytest.mark.parametrize("gain", [3.0, 0.0, -2.0])
def test_the_gain_of_an_exact_curve_is_its_gain_without_error(count, gain):
    found, error = gain_per_doubling(list(curve(count, gain)))
    assert found == pytest.approx(gain, rel=1e-9, abs=1e-9)
    assert error == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("count", [20, 21])
def test_the_first_half_of_the_epochs_does_not_count(count):
    values = curve(count, 3.0)
    values[: count // 2] = -1e4 * np.arange(count // 2)
    assert gain_per_doubling(values)[0] == pytest.approx(3, rel=1e-9)
    values[count // 2] += 1
    assert gain_per_doubling(values)[0] < 2.9


def test_the_standard_error_is_the_spread_over_noise():
    rng = np.random.default_rng(0)
    found = [gain_per_doubling(curve(24, 3.0) + rng.standard_normal(24)) for _ in range(2000)]
    gains, errors = np.transpose(found)
    assert abs(gains.mean() - 3) < 4 * gains.std() / np.sqrt(len(gains))
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(gains.std(), rel=0.07)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_of_the_fewest_epochs_noise_still_shows_as_an_error(count):
    values = curve(count, 3.0)
    values[-2] += 1
    assert gain_per_doubling(values)[1] > 0.5


def test_fewer_than_3_epochs_are_refused():
    with pytest.raises(ValueError, match="2 epochs: expected at least 3"):
        gain_per_doubling(curve(2, 1.0))


@pytest.mark.parametrize(
    ("losses", "jump", "epoch"),
    [
        # 100 -> 60 -> 80: up by 20
        ([100, 60, 80, 50], 20, 3),
        # above the lowest so far, not above the epoch before
        ([100, 60, 70, 90, 50], 30, 4),
        # the larger of two
        ([100, 60, 65, 50, 80], 30, 5),
        # above where it began
        ([100, 90, 130, 80], 40, 3),
        # the sign of the loss does not matter
        ([-1, -1.4, -1.2, -1.5], 0.2, 3),
    ],
)
def test_a_jump_is_the_rise_above_the_lowest(losses, jump, epoch):
    assert largest_jump(losses) == (pytest.approx(jump, rel=1e-12), epoch)


@pytest.mark.parametrize(
    "losses",
    [[], [1.0], [2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 1.0, 1.0], [2.0, 1.0, 1.0]],
)
def test_a_curve_that_is_short_or_never_rose_has_no_jump(losses):
    assert largest_jump(losses) == (0, 0)


def test_the_noise_of_a_jump_is_the_std_of_the_difference_of_two_epochs():
    losses = np.random.default_rng(1).normal(0, 0.3, 20_000)
    losses[:10_000] += np.linspace(100, 0, 10_000)  # still falling
    losses[15_000] = 1e6  # one jump is not what is usual
    assert jump_noise(losses) == pytest.approx(0.3 * np.sqrt(2), rel=0.03)


@pytest.mark.parametrize("epochs", [100, 2000])
def test_the_largest_rise_by_noise_is_about_that_of_noise(epochs):
    curves = np.random.default_rng(1).normal(5, 0.3, (100, epochs))
    rises = np.mean([largest_jump(curve)[0] for curve in curves])
    by_noise = np.mean([jump_by_noise(curve) for curve in curves])
    assert rises < by_noise < 1.4 * rises


def test_few_epochs_cannot_tell_noise_from_a_jump():
    assert jump_noise([3.0, 1.0, 9.0, 1.0]) == 0
