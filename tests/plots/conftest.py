"""What every picture has to satisfy: no text is cut off, none is too small to read."""

from itertools import pairwise

import matplotlib.text
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg

SMALLEST_FONT = 9
SLACK = 0.5  # pixels


def _drawn_texts(figure):
    """All texts that are drawn; an axis also keeps ticks outside of its limits, which are not."""
    texts = set(figure.findobj(matplotlib.text.Text))
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if not low <= tick.get_loc() <= high:
                texts -= {tick.label1, tick.label2}
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


@pytest.fixture
def assert_legible():
    """Renders a figure: every text lies inside it and is large enough.

    No tick labels overlap, and nothing is written over the title and the caption.
    """

    def check(figure):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        texts = _drawn_texts(figure)
        assert texts
        for text in texts:
            box = text.get_window_extent(renderer)
            assert box.x0 >= -SLACK, text
            assert box.y0 >= -SLACK, text
            assert box.x1 <= figure.bbox.x1 + SLACK, text
            assert box.y1 <= figure.bbox.y1 + SLACK, text
            assert text.get_fontsize() >= SMALLEST_FONT, text
        for outer in set(figure.texts) & set(texts):
            box = outer.get_window_extent(renderer)
            others = [text for text in texts if text is not outer]
            assert not [text for text in others if box.overlaps(text.get_window_extent(renderer))]
        for axis in figure.findobj(Axis):
            labels = [label for label in axis.get_ticklabels() if label in texts]
            boxes = [label.get_window_extent(renderer) for label in labels]
            for first, second in pairwise(boxes):
                assert not first.overlaps(second), [label.get_text() for label in labels]

    return check


@pytest.fixture
def all_text():
    """All the words of a figure, joined."""

    def read(figure):
        return "\n".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))

    return read
