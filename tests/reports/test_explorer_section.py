import pytest

from keras_vae.reports.explorer_section import explorer_html

DATA = {
    "looks": {"kind": "image"},
    "latents": 3,
    "standard_prior": True,
    "points": 1000,
    "total": 5000,
    "split": "test",
    "inputs": {"count": 1000},
    "decoder": {"dtype": "float16", "probes": 512, "difference": 0.0005},
}
GRID = {"side": 48, "reason": "a layer <Own>", "of_first": True}


def test_the_parts_that_the_script_fills_are_there():
    html = explorer_html(DATA, 1, "")
    for name in ("plane", "points", "overlay", "decoded", "input", "reconstruction", "legend"):
        assert f'class="{name}"' in html
    assert 'data-source="explorer-1"' in html
    assert 'tabindex="0"' in html
    row = explorer_html({**DATA, "looks": {"kind": "row"}}, 0, "")
    assert 'class="cells"' in row
    assert 'class="decoded"' not in row


def test_the_help_tells_of_what_is_drawn():
    several = explorer_html({**DATA, "epochs": {"count": 50}}, 0, "")
    assert "1, 2 and 3 of the prior" in several
    assert "The slider moves codes alone" in several
    assert "The slider" not in explorer_html(DATA, 0, "")
    assert "circles" not in explorer_html({**DATA, "standard_prior": False}, 0, "")
    one = explorer_html({**DATA, "latents": 1}, 0, "")
    assert "up and down mean nothing" in one
    assert "circles" not in one


def test_two_explorers_are_told_apart_by_the_names_of_their_models():
    html = explorer_html(DATA, 0, "<a>")
    assert 'aria-label="Latent plane of &lt;a&gt;"' in html


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "1,000 of 5,000 examples of the test split"),
        ({}, "float16: at 512 latents it differs from the model by at most 0.0005"),
        ({"inputs": {"count": 300}}, "The inputs of the first 300 are in this page"),
        ({"grid": GRID}, "a grid of 48 by 48 nodes, what is shown is a blend of four nodes: a"),
        ({"grid": GRID}, "a layer &lt;Own&gt;. The other latents are 0"),
        ({"grid": GRID}, "given the condition of the first example"),
        ({"grid": GRID, "looks": {"kind": "row"}}, "the nearest node"),
    ],
)
def test_it_says_what_is_shown_and_how_exact_it_is(more, words):
    data = {**DATA, **more}
    if "grid" in more:
        del data["decoder"]
    html = " ".join(explorer_html(data, 0, "").split())
    assert words in html
