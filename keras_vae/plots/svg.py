"""A figure as SVG inside a page, in the colours of the page."""

import io
import re

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from keras_vae.plots.style import FAINT, PALETTE, TEXT

__all__ = ["page_svg"]

# Colours of pictures -> those of the page, which are others in a dark one.
COLOURS = {
    TEXT: "text",
    FAINT: "faint",
    "#000000": "text",
    "#FFFFFF": "card",
    "#DDDDDD": "grid",
    "#BBBBBB": "line",
    **{colour: f"c{k}" for k, colour in enumerate(PALETTE)},
}


def page_svg(figure: Figure, name: str, is_paper: bool = False) -> str:
    """SVG without a head, to be put into HTML whose style defines `--text`, `--faint`, `--card`,
    `--grid`, `--line` and `--c0` to `--c9`.

    Args:
        figure: any of `keras_vae.plots`.
        name: no other picture of the page has it: it begins the ids of this one.
        is_paper: whether it keeps its own colours, dark on white, as one of coloured cells must.
    """
    file = io.StringIO()
    canvas, dpi = figure.canvas, figure.dpi
    try:
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
            FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for before in ('id="', "url(#", 'href="#'):
        svg = svg.replace(before, f"{before}{name}-")
    for colour, variable in () if is_paper else COLOURS.items():
        svg = re.sub(rf"{colour}\b", f"var(--{variable})", svg, flags=re.IGNORECASE)
    return svg
