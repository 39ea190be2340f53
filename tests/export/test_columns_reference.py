import numpy as np

from keras_vae.data.tables import Column
from keras_vae.export.columns_reference import in_columns

COLUMNS = (Column("a b", "real"), Column("size", "ordinal", (38, 40, 42)))
X = np.float32([[1.5, 2], [7, 0]])
MASK = np.float32([[1, 1], [0, 0]])


def test_answers_are_written_by_column_with_gaps_in_the_inputs_alone():
    z = np.zeros((2, 1), "float32")
    answers = in_columns(
        {
            "score": ({"x": X, "mask": MASK, "seed": np.arange(2)}, {"elbo": z[:, 0]}),
            "decode": ({"z": z}, {"mean": X}),
        },
        COLUMNS,
    )
    inputs, outputs = answers["score"]
    assert list(inputs) == ["a_b", "size", "seed"]
    np.testing.assert_array_equal(inputs["a_b"], np.float32([1.5, np.nan]))
    assert inputs["size"].tolist() == [b"42", b""]
    assert list(outputs) == ["elbo"]
    inputs, outputs = answers["decode"]
    assert list(inputs) == ["z"]
    assert outputs["size"].tolist() == [b"42", b"38"]
    np.testing.assert_array_equal(outputs["a_b"], X[:, 0])
