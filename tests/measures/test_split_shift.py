import dataclasses

import numpy as np
import pytest

from keras_vae.measures import split_shift, split_shift_by_chance


def gray(count, seed=0, side=12):
    """A smooth blob, off the diagonal, of random strength, with noise: entries in (0, 1)."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:side, :side] / side
    blob = np.exp(-8 * ((row - 0.25) ** 2 + (column - 0.6) ** 2))
    strength = rng.uniform(0.4, 0.9, (count, 1, 1))
    return np.clip(strength * blob + 0.05 + 0.02 * rng.standard_normal((count, side, side)), 0, 1)


def drawn(x, seed=0):
    return (np.random.default_rng(seed).random(x.shape) < x).astype("float32")


def test_splits_of_one_distribution_do_not_differ():
    distances, ratios = [], []
    for seed in range(30):
        found = split_shift(gray(300, 2 * seed), gray(100, 2 * seed + 1))
        distances.append(found.mean_distance)
        ratios.append((found.roughness - 1) / found.roughness_error)
        assert found.scale == pytest.approx(1, abs=0.1)
        assert found.gray_first == pytest.approx(found.gray_second, abs=0.01)
    # What the sizes let expect is 0.06 of a standard deviation.
    assert np.median(distances) < 0.02
    assert max(distances) < 0.1
    assert abs(np.mean(ratios)) < 4 / np.sqrt(30)
    assert 0.6 < np.std(ratios) < 1.5


def test_what_the_sizes_let_expect_is_taken_off_whatever_they_are():
    rng = np.random.default_rng(0)
    # So many entries that the noise of their mean square is small.
    for sizes in ((10, 400), (400, 10), (30, 30)):
        first, second = (rng.standard_normal((size, 20_000)) for size in sizes)
        raw = np.sqrt(1 / sizes[0] + 1 / sizes[1])
        assert split_shift(first, second).mean_distance < 0.4 * raw


@pytest.mark.parametrize("shift", [0.1, -0.3, 2.0])
def test_a_shift_is_found_in_standard_deviations(shift):
    first, second = 0.2 * np.random.default_rng(0).standard_normal((2, 500, 2000)) + 0.5
    found = split_shift(first, second + 0.2 * shift)
    assert found.mean_distance == pytest.approx(abs(shift), rel=0.02)
    assert found.scale == pytest.approx(1, rel=0.01)
    assert found.roughness == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("scale", [255.0, 0.5, 1 / 255])
def test_a_scale_is_found(scale):
    found = split_shift(gray(400), scale * gray(400, seed=1))
    assert found.scale == pytest.approx(scale, rel=0.05)
    assert found.roughness == pytest.approx(scale, rel=0.05)
    assert split_shift(scale * gray(400), gray(400, seed=1)).scale == pytest.approx(
        1 / scale, rel=0.05
    )


@pytest.mark.parametrize(
    "prepare",
    [lambda x: np.swapaxes(x, 1, 2), lambda x: 1 - x, lambda x: x[:, ::-1]],
    ids=["transposed", "inverted", "upside down"],
)
def test_examples_turned_over_are_far_from_the_others_at_the_same_scale(prepare):
    found = split_shift(gray(400), prepare(gray(400, seed=1)))
    assert found.mean_distance > 0.3
    assert found.scale == pytest.approx(1, rel=0.05)


def test_the_fraction_of_gray_entries_is_counted_in_each_split():
    x = np.array([[0, 0.5, 1, 0], [1, 1, 0.1, 0.9]])
    found = split_shift(x, np.array([[0, 1, 0, 1.0], [1, 2, -1, 0.5]]))
    assert (found.gray_first, found.gray_second) == (3 / 8, 1 / 8)


def test_the_error_of_the_gray_fractions_is_their_spread_over_splits():
    """Examples that are black in part, some more than others: chance makes the splits differ."""
    off = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0.1, 1, (200, 30)) * (rng.random((200, 30)) < rng.random((200, 1)))
        found = split_shift(x[:150], x[150:])
        off.append((found.gray_first - found.gray_second) / found.gray_error)
    assert abs(np.mean(off)) < 4 / np.sqrt(60)
    assert 0.75 < np.std(off) < 1.3


def test_a_draw_is_rougher_than_a_threshold_and_a_fresh_draw_is_not():
    x, y = gray(600), gray(600, seed=1)
    found = split_shift(x > 0.5, drawn(y))
    assert (found.gray_first, found.gray_second) == (0, 0)
    assert np.log(found.roughness) > 4 * found.roughness_error + 0.3
    same = split_shift(drawn(x), drawn(y, seed=1))
    assert abs(same.roughness - 1) < 4 * same.roughness_error
    # Gray against binary is found by its gray entries.
    assert split_shift(x, drawn(y)).gray_first - split_shift(x, drawn(y)).gray_second > 0.9


def test_the_roughness_is_the_mean_difference_of_neighbours():
    # 1 + 2 and 0 + 1 beside 3 + 0
    found = split_shift(np.array([[0, 1, 3.0], [2, 2, 1]]), np.array([[3, 0, 0.0]] * 2))
    assert found.roughness == pytest.approx(3 / 2, rel=1e-12)
    # the standard error of the mean of 3 and 1, and of 3 and 3
    assert found.roughness_error == pytest.approx(1 / 2, rel=1e-12)


def test_the_error_of_the_roughness_is_its_spread_over_samples():
    found = [
        split_shift(drawn(gray(40, k), k), drawn(gray(80, k + 500), k + 500)) for k in range(200)
    ]
    spread = np.std([each.roughness for each in found])
    assert np.mean([each.roughness_error for each in found]) == pytest.approx(spread, rel=0.2)


def test_data_without_any_spread_have_no_ratios():
    found = split_shift(np.zeros((5, 4)), gray(5, side=2))
    unknown = {"mean_distance", "scale", "roughness", "roughness_error"}
    assert {name for name, v in dataclasses.asdict(found).items() if np.isnan(v)} == unknown | {
        "residual",
        "residual_error",
    }


def test_examples_of_one_entry_have_no_neighbours():
    rng = np.random.default_rng(0)
    found = split_shift(rng.standard_normal(500), 3 + 2 * rng.standard_normal(500))
    assert found.mean_distance == pytest.approx(3, abs=0.3)
    assert found.scale == pytest.approx(2, rel=0.2)
    assert np.isnan([found.roughness, found.roughness_error]).all()


def test_drawn_pixels_lie_further_outside_the_main_directions_than_pixels_of_a_threshold():
    rng = np.random.default_rng(0)
    gray = 1 / (1 + np.exp(-(2 * rng.standard_normal((2000, 2)) @ rng.standard_normal((2, 12)))))
    drawn = (rng.random(gray.shape) < gray).astype("float32")
    cut = (gray > 0.5).astype("float32")
    same = split_shift(drawn[:1000], drawn[1000:])
    assert abs(np.log(same.residual)) < 4 * same.residual_error
    other = split_shift(drawn[:1000], cut[1000:])
    assert np.log(other.residual) < -5 * other.residual_error


def test_the_residual_is_the_noise_of_each_entry_where_causes_are_common():
    rng = np.random.default_rng(1)
    common = rng.standard_normal((4000, 2)) @ rng.standard_normal((2, 12))
    x = common + rng.standard_normal((4000, 12))
    noisier = common + 1.5 * rng.standard_normal((4000, 12))
    shift = split_shift(x[:2000], noisier[2000:])
    assert shift.residual == pytest.approx(1.5**2, abs=4 * 1.5**2 * shift.residual_error)
    assert shift.residual_error < 0.05


@pytest.mark.parametrize("what", ["mean_distance", "scale", "gray", "roughness", "residual"])
def test_what_chance_makes_of_a_difference_of_splits(what):
    x = gray(160, side=6)
    assert split_shift_by_chance(x[:120], x[120:], what).p_value > 0.01
    other = np.where(x[120:] > 0.3, 1, 0 * x[120:])
    assert split_shift_by_chance(x[:120], other, what).p_value == 1 / 1000


def test_the_log_scale_by_chance_is_that_of_the_shift_and_its_spread_over_splits():
    found = []
    for seed in range(60):
        x = np.random.default_rng(seed).standard_normal((60, 8)) + 100
        found.append(np.log(split_shift(x[:40], x[40:]).scale))
    spread = split_shift_by_chance(x[:40], x[40:], "scale").spread
    # |log| of a normal: its std is sqrt(1 - 2 / pi) of that of the log
    assert spread == pytest.approx(np.std(found) * np.sqrt(1 - 2 / np.pi), rel=0.3)
