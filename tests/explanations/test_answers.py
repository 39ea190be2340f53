import importlib
import json

import numpy as np
import pytest

import keras_vae as kv
from keras_vae.explanations import QUESTIONS, draw_answers
from keras_vae.explanations.companions import Companions

WITHOUT_TRAINING = [
    "classes", "batch", "prior", "likelihood", "posterior", "hypothesis", "evidence", "bayes",
    "formula", "derivation", "x", "training", "draws",
]  # fmt: skip


def test_every_question_has_its_file_and_its_function():
    for name in QUESTIONS:
        module = importlib.import_module(f"keras_vae.explanations.questions.{name}")
        assert callable(module.answer)


def test_questions_that_need_no_other_model_train_none(healthy, dataset, monkeypatch, tmp_path):
    monkeypatch.setattr(Companions, "_begun", lambda self: pytest.fail("trained a model"))
    answers = kv.explain(healthy, dataset, reversed(WITHOUT_TRAINING))
    assert [answer.name for answer in answers] == WITHOUT_TRAINING  # in the order of QUESTIONS
    assert json.loads(json.dumps([answer.to_dict() for answer in answers], allow_nan=False))
    paths = draw_answers(answers, tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        f"{name}.png" for name in WITHOUT_TRAINING
    }
    assert list(paths) == WITHOUT_TRAINING
    again = kv.explain(healthy, dataset, "draws")[0]
    assert again.to_dict() == answers[-1].to_dict()


@pytest.mark.slow
def test_every_question_is_answered_for_each_kind_of_model(
    healthy, collapsed, five_latents, dataset
):
    """Texts differ where the models do, and every number can be written as JSON."""
    texts = {}
    for kind, vae in (("healthy", healthy), ("collapsed", collapsed), ("five", five_latents)):
        answers = kv.explain(vae, dataset)
        assert [answer.name for answer in answers] == list(QUESTIONS)
        for answer in answers:
            json.dumps(answer.to_dict(), allow_nan=False)
            assert max(len(line) for p in answer.paragraphs for line in p.splitlines()[:3]) > 20
            texts[kind, answer.name] = "\n".join(answer.paragraphs)
    for name in QUESTIONS:
        assert len({texts[kind, name] for kind in ("healthy", "collapsed", "five")}) == 3, name


def test_what_cannot_be_answered_is_said_in_one_line(healthy, dataset):
    with pytest.raises(kv.ConfigError, match="question='who'"):
        kv.explain(healthy, dataset, "who")
    with pytest.raises(kv.DataError, match="give data"):
        kv.explain(healthy)
    with pytest.raises(kv.DataError, match="example 24: the test split of causes has 24"):
        kv.explain(healthy, dataset, "prior", example=24)
    with pytest.raises(kv.DataError, match="shape"):
        kv.explain(healthy, np.zeros((5, 3)), "prior")


@pytest.mark.slow
def test_tables_and_conditional_models_are_explained(table_run, quick_run, tmp_path):
    """Rows of mixed columns with gaps; digits that encoder and decoder know the label of."""
    names = ["classes", "prior", "likelihood", "hypothesis", "formula", "x"]
    conditional = quick_run("told", data="digits", condition=("labels",), epochs=1, batch_size=700)
    for run in (table_run, conditional):
        answers = kv.explain(run, only=names)
        assert {answer.name for answer in answers} == set(names)
        for answer in answers:
            json.dumps(answer.to_dict(), allow_nan=False)
        draw_answers(answers, tmp_path / run.path.name)
