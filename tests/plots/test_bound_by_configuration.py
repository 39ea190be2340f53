import numpy as np
import pytest

from keras_vae.plots import bound_by_configuration

NAMES = ["beta 0.5, latent 2", "beta 1, latent 2", "beta 1, latent 8"]
BOUNDS = [[-101.0, -99.0], [-95.5, -96.5], [-97.0, -99.0]]


def test_the_best_stands_above_with_a_dot_for_each_seed_and_a_line_at_their_mean(assert_legible):
    figure = bound_by_configuration(NAMES, BOUNDS, [1.3, 1.2, 1.25], 1000)
    assert_legible(figure)
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [NAMES[1], NAMES[2], NAMES[0]]
    bottom, top = axes.get_ylim()
    assert top < 0 < bottom  # place 0 is above
    lines = [line for line in axes.lines if line.get_linestyle() == "-"]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in lines] == pytest.approx([-96, -98, -100])
    assert [sorted(dot.get_xdata()) for dot in dots] == [sorted(BOUNDS[i]) for i in (1, 2, 0)]
    assert axes.get_xlabel() == "L_1000, nats per example"


def test_of_one_seed_there_are_no_dots_and_many_names_stay_apart(assert_legible, all_text):
    names = [f"beta {beta}, hidden 512,256" for beta in range(40)]
    figure = bound_by_configuration(names, np.arange(40.0)[:, None], np.ones(40), 10)
    assert_legible(figure)
    assert not [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert "Dots" not in all_text(figure)


def test_refusals():
    with pytest.raises(ValueError, match="errors is out of range"):
        bound_by_configuration(["a"], [[1.0]], [-1.0], 10)
    with pytest.raises(ValueError, match="The number of samples K is out of range"):
        bound_by_configuration(["a"], [[1.0]], [1.0], 0)
