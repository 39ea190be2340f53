import xml.etree.ElementTree as ET

import numpy as np

from keras_vae import plots
from keras_vae.plots.svg import page_svg

SVG = "{http://www.w3.org/2000/svg}"


def figure():
    return plots.latent_rates(np.array([1.5, 0.0]), np.array([True, False]))


def test_the_colours_are_those_of_the_page():
    svg = page_svg(figure(), "rates")
    for variable in ("text", "faint", "card", "c0"):
        assert f"var(--{variable})" in svg
    assert "#222222" not in svg
    paper = page_svg(figure(), "rates", is_paper=True)
    assert "var(--" not in paper
    assert "#222222" in paper


def test_it_is_text_that_can_be_put_into_a_page():
    svg = page_svg(figure(), "rates")
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert "rate (nats per example)" in words
    assert "<metadata" not in svg


def test_the_ids_of_two_pictures_are_different_and_their_references_hold():
    roots = [ET.fromstring(page_svg(figure(), name)) for name in ("one", "two")]
    one, two = ({part.get("id") for part in root.iter()} - {None} for root in roots)
    assert one
    assert not one & two
    for root, ids in zip(roots, (one, two), strict=True):
        for part in root.iter():
            for name, value in part.attrib.items():
                if name.endswith("href") and value.startswith("#"):
                    assert value[1:] in ids
                if "url(#" in value:
                    assert value.split("url(#")[1].split(")")[0] in ids


def test_the_figure_can_be_drawn_again():
    made = figure()
    before = made.canvas, made.dpi
    page_svg(made, "rates")
    assert (made.canvas, made.dpi) == before
