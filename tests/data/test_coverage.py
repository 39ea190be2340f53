import numpy as np
import pandas as pd

from keras_vae.data import Examples, load_data
from keras_vae.data.coverage import warn_of_left_out, warn_of_unseen, warn_of_untold
from keras_vae.data.tables import Column, Schema, infer_schema


def test_categories_that_are_held_out_alone_are_told_by_name():
    schema = Schema((Column("town", "categorical", ("Ulm", "Bonn", "Kiel")), Column("x", "real")))
    mask = np.array([[1, 1], [1, 1], [0, 1]])
    train = Examples(np.array([[0, 1], [1, 2], [2, 3]]), mask=mask)
    held = Examples(np.array([[2, 9], [0, 9], [2, 9]]))
    [line] = warn_of_unseen(schema, train, [held, train])
    assert "'town': Kiel" in line
    assert "(2 of them)" in line
    assert warn_of_unseen(schema, held, [train])[0].startswith("column 'town': Bonn")
    assert warn_of_unseen(schema, train, [train]) == ()


def test_classes_of_a_condition_that_are_held_out_alone_are_told_by_name():
    classes = {"town": np.array(["Ulm", "Bonn", "Kiel", "Kiel"], object)}
    parts = [Examples(np.zeros((2, 1)), rows=np.array(rows)) for rows in ([0, 1], [2, 3], [1, 0])]
    [line] = warn_of_untold(classes, parts[0], parts[1:])
    assert "'town': Kiel" in line
    assert "(2 of them)" in line
    assert warn_of_untold(classes, parts[0], parts[2:]) == ()


def test_numbers_that_are_left_out_by_themselves_are_told_with_the_reason():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(1e6, 3, (60, 3)), columns=list("abc"))
    frame = frame.assign(q=rng.normal(size=60), note=[f"text {i} of many" for i in range(60)])
    [line] = load_data(frame).warnings
    assert line.startswith("column 'a' (and 2 more columns of numbers) is left out of the model: ")
    assert line.endswith(infer_schema(frame)["a"].reason)
    assert warn_of_left_out(infer_schema(frame, ignore=["a", "b", "c"])) == ()
    frame = frame.drop(columns=["a", "b", "c"])
    assert load_data(frame).warnings == ()
