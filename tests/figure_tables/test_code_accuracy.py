from keras_vae.figure_tables import code_accuracy_table


def of_one(dimensions, neighbours, linear):
    shares = {"neighbours": neighbours, "neighbours_standard_error": 0.0123}
    shares |= {"linear": linear, "linear_standard_error": 0.02}
    return shares if dimensions is None else {"dimensions": dimensions, **shares}


FIGURES = {
    "split": "test", "examples": 1500, "training_examples": 4000, "classes": 3, "k": 7,
    "most_frequent": 0.4, "codes": of_one(10, 0.916, 0.84), "pca": of_one(9, 0.878, 0.78),
    "entries": of_one(784, 0.892, 1.0), "codes_minus_pca": of_one(None, 0.038, 0.06),
    "codes_minus_entries": of_one(None, 0.024, -0.16), "protocol": "as it is",
}  # fmt: skip


def test_each_representation_has_its_row_and_its_distance_from_the_codes():
    table = code_accuracy_table(FIGURES)
    assert [row for row in table.rows if row] == [
        ("codes z_mean", "10", "91.6 ± 1.2", "84.0 ± 2.0"),
        ("PCA of x", "9", "87.8 ± 1.2", "78.0 ± 2.0"),
        ("x itself", "784", "89.2 ± 1.2", "100.0 ± 2.0"),
        ("codes - PCA", "", "+3.8 ± 1.2", "+6.0 ± 2.0"),
        ("codes - x itself", "", "+2.4 ± 1.2", "-16.0 ± 2.0"),
    ]
    assert "1,500 test examples" in table.title
    assert table.columns[2] == "7 nearest neighbours"
    assert table.notes[0].startswith("3 classes; 40.0 % are of the most frequent one.")
    assert table.notes[1] == "Protocol: as it is"
