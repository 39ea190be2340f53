import re

import pytest

from keras_vae.training import ProgressBar


@pytest.fixture
def fit_with_bar(small_vae, binary_x):
    def fit():
        small_vae().fit(binary_x, epochs=3, verbose=0, callbacks=[ProgressBar()])

    return fit


def test_the_bar_is_silent_where_stderr_is_no_terminal(fit_with_bar, capfd):
    fit_with_bar()
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "epoch" not in captured.err


def test_the_bar_shows_epochs_time_left_and_the_elbo_on_a_terminal(
    fit_with_bar, capfd, monkeypatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich's way to call a stream a terminal
    fit_with_bar()
    captured = capfd.readouterr()
    assert captured.out == ""
    assert re.search(r"3/3", captured.err)
    assert re.search(r"\d:\d\d:\d\d", captured.err)
    assert re.search(r"elbo -\d+\.\d\d", captured.err)
