import xml.etree.ElementTree as ET

import pytest

from keras_vae import evaluate
from keras_vae.diagnosis import Diagnosis
from keras_vae.evaluation import evidence_report
from keras_vae.figure_tables import FigureTable, html_table, html_tables

HARMFUL = '<script>alert("x")</script> & more'


def test_every_text_is_escaped():
    table = FigureTable(HARMFUL, ((HARMFUL,) * 3,), (HARMFUL,) * 3, notes=(HARMFUL,))
    html = html_table(table)
    assert "<script" not in html
    root = ET.fromstring(f"<div>{html}</div>")  # and well formed
    texts = [part.text for part in root.iter() if part.tag in ("caption", "th", "td", "p")]
    assert texts == [HARMFUL] * 8


def test_numbers_stand_to_the_right_and_an_empty_row_is_left_out():
    html = html_table(FigureTable("of x", (("elbo", "-1.0", "bound"), (), ("  rate", "2.0", "KL"))))
    rows = ET.fromstring(f"<div>{html.replace('&emsp;', '')}</div>").findall(".//tbody/tr")
    assert [[cell.text for cell in row] for row in rows] == [
        ["elbo", "-1.0", "bound"],
        ["rate", "2.0", "KL"],
    ]
    assert [cell.get("class") for cell in rows[0]] == [None, "number", None]


def test_a_table_without_headers_has_no_head():
    assert "thead" not in html_table(FigureTable("of x", (("data", "digits"),), ("", ""), ()))


@pytest.fixture(scope="module")
def vae(small_vae):
    return small_vae()


def captions(shown):
    html = shown._repr_html_().replace("&emsp;", "")
    return [caption.text for caption in ET.fromstring(html).iter("caption")]


def test_what_a_notebook_shows_of_results_are_their_tables(vae, binary_x, table_run):
    assert captions(evaluate(vae, binary_x)) == [
        "all split, all 200 examples: means, nats per example"
    ]
    report = evidence_report(vae, binary_x, examples=4, ks=(1, 2))
    titles = captions(report)
    assert titles[0].startswith("log p(x) = ELBO + KL")
    assert len(titles) == 3
    diagnosis = Diagnosis((), ("a",), {"weights": 3}, "none")
    assert captions(diagnosis) == ["healthy: 1 checks, 0 findings"]
    assert captions(table_run) == [
        str(table_run.path),
        f"test split, all {table_run.metrics['examples']} examples: means, nats per example",
    ]
    assert html_tables([]) == "<div></div>"


def test_lines_of_a_cell_stay_lines():
    html = html_table(FigureTable("of x", (("elbo", "-1.0\nseeds", "bound"),)))
    assert ET.fromstring(f"<div>{html}</div>").find(".//td/br").tail == "seeds"
