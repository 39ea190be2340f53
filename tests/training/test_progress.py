import re
import sys
from types import SimpleNamespace

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


def test_a_notebook_shows_one_line_that_is_written_anew(fit_with_bar, monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data["text/plain"])

    def display(data, raw, display_id):
        assert (raw, display_id) == (True, True)
        shown.append(data["text/plain"])
        return Handle()

    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())
    fit_with_bar()
    assert len(shown) == 4
    assert re.match(r"epoch 1/3  0:00:\d\d left  elbo -\d+\.\d\d", shown[1])
    assert re.match(r"epoch 3/3  0:00:00 left  elbo -\d+\.\d\d", shown[3])
