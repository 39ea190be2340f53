import numpy as np
import pytest
from scipy import stats

from keras_vae.measures import PairedDifference, paired_difference, seed_spread

RNG = np.random.default_rng(0)
# what an example is worth under any model spreads far more than the models differ
COMMON = RNG.normal(-100, 20, size=300)
FIRST = COMMON + 0.5 + RNG.normal(0, 1, (4, 1)) * 0.3 + RNG.normal(0, 1, (4, 300))
SECOND = COMMON + RNG.normal(0, 1, (3, 1)) * 0.2 + RNG.normal(0, 1, (3, 300))


def test_of_single_models_it_is_students_paired_test():
    found = paired_difference(FIRST[:1], SECOND[:1])
    difference = FIRST[0] - SECOND[0]
    assert found.mean == pytest.approx(np.sum(difference) / 300)
    assert found.error_of_examples == pytest.approx(stats.sem(difference))
    assert found.error_of_seeds is None
    assert found.standard_error == found.error_of_examples
    assert found.degrees_of_freedom == pytest.approx(299)
    # unpaired, the same difference would be lost
    assert found.standard_error < 0.1 * np.hypot(stats.sem(FIRST[0]), stats.sem(SECOND[0]))


def test_of_seeds_the_error_is_welchs_beside_that_of_the_examples():
    found = paired_difference(FIRST, SECOND)
    means = FIRST.sum(axis=1) / 300, SECOND.sum(axis=1) / 300
    differences = FIRST.sum(axis=0) / 4 - SECOND.sum(axis=0) / 3
    of_seeds = np.sqrt(np.var(means[0], ddof=1) / 4 + np.var(means[1], ddof=1) / 3)
    assert found.mean == pytest.approx(means[0].mean() - means[1].mean())
    assert found.error_of_examples == pytest.approx(stats.sem(differences))
    assert found.error_of_seeds == pytest.approx(of_seeds)
    assert found.standard_error == pytest.approx(np.sqrt(of_seeds**2 + stats.sem(differences) ** 2))
    # with an error of the examples of 0 it is Welch's test itself
    flat = paired_difference(np.tile(means[0][:, None], 300), np.tile(means[1][:, None], 300))
    welch = stats.ttest_ind(*means, equal_var=False)
    assert flat.mean / flat.standard_error == pytest.approx(welch.statistic)
    assert flat.degrees_of_freedom == pytest.approx(welch.df)


def test_seeds_of_one_side_alone_say_nothing_of_the_other():
    assert paired_difference(FIRST, SECOND[:1]).error_of_seeds is None


def test_what_is_told_is_what_the_t_test_tells_at_5_percent():
    for mean in np.linspace(-6, 6, 25):
        found = PairedDifference(mean, 1.0, None, 2.0)
        assert found.is_told == (2 * stats.t.sf(abs(mean), 2) < 0.05)


def test_one_difference_in_twenty_is_told_where_there_is_none():
    """Over data of one distribution, with errors of seeds and of examples as large as another."""
    rng = np.random.default_rng(1)

    def models(seeds, common):
        return common + rng.normal(0, 0.1, (seeds, 1)) + rng.normal(0, 1, (seeds, 100))

    told = []
    for _ in range(2000):
        common = rng.normal(0, 5, 100)
        told.append(paired_difference(models(3, common), models(3, common)).is_told)
    # rather too few: what a seed does to an example counts twice
    assert 0.01 < np.mean(told) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_model_is_not_told_from_itself():
    found = paired_difference(FIRST, FIRST)
    assert (found.mean, found.error_of_examples, found.is_told) == (0, 0, False)
    assert not paired_difference(FIRST[:1], FIRST[:1]).is_told


def test_the_spread_over_seeds_is_that_of_their_means():
    assert seed_spread(FIRST) == pytest.approx(np.std(FIRST.sum(axis=1) / 300, ddof=1))
    assert seed_spread(FIRST[:1]) is None
