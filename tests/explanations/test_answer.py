import json

from matplotlib.figure import Figure

from keras_vae.explanations import QUESTIONS
from keras_vae.explanations.answer import Answer, Lines, answered


def test_a_picture_is_drawn_once_and_only_when_it_is_asked_for():
    drawn = []
    answer = answered("prior", ["text", None, Lines("a\nb")], {"n": 1}, "how", lambda: _draw(drawn))
    assert drawn == []
    assert answer.figure is answer.figure
    assert len(drawn) == 1


def test_an_answer_holds_its_question_its_protocol_and_no_empty_paragraph():
    answer = answered("prior", ["text", None, Lines("a\nb")], {"n": 1}, "how", Figure)
    assert isinstance(answer, Answer)
    assert (answer.question, answer.paragraphs) == (QUESTIONS["prior"], ("text", "a\nb"))
    told = json.loads(json.dumps(answer.to_dict()))
    assert told["numbers"] == {"n": 1, "protocol": "how"}
    assert told["paragraphs"] == ["text", "a\nb"]


def _draw(drawn):
    drawn.append(1)
    return Figure()
