import json
import re

import pytest

from keras_vae.reports.page import Section, page, template

HARMFUL = "</script><script>alert('x')</script>"


def made(names=("vae",), data=()):
    bodies = tuple(f"<p>{name}</p>" for name in names)
    return page("vae & more", "<p>head</p>", [Section("First <one>", bodies)], names, data)


def test_the_texts_are_escaped_and_the_html_is_taken_as_it_is():
    text = made()
    assert "<title>vae &amp; more</title>" in text
    assert "<h2>First &lt;one&gt;</h2>" in text
    assert "<p>vae</p>" in text
    assert '<body class="two">' not in text


def test_two_models_stand_side_by_side_with_their_names():
    text = made(names=("<a>", "b"))
    assert "<h3>&lt;a&gt;</h3>" in text
    assert '<body class="two">' in text


def test_no_text_of_the_data_ends_the_script_that_holds_it():
    text = made(data=[{"name": HARMFUL}, {"name": "second"}])
    assert HARMFUL not in text
    found = re.findall(r'<script type="application/json" id="(.*?)">(.*?)</script>', text)
    assert [name for name, _ in found] == ["explorer-0", "explorer-1"]
    assert json.loads(found[0][1]) == {"name": HARMFUL}


def test_the_page_asks_for_nothing_from_outside():
    text = made()
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=.?https?:", text)
    assert not re.search(r"@import|url\(http|fetch\(|XMLHttpRequest|WebSocket", text)


def test_what_is_not_a_number_is_no_json():
    with pytest.raises(ValueError, match="JSON"):
        made(data=[{"x": float("nan")}])


def test_a_template_takes_all_of_its_values():
    with pytest.raises(KeyError):
        template("explorer.html", source="explorer-0")
