import json

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_vae.data.tables import Column, read_rows, recorded_schema
from keras_vae.export import check_version, export_version
from keras_vae.export.columns import column_names


@pytest.fixture(scope="module")
def version(table_run, tmp_path_factory):
    columns = recorded_schema(table_run.record).modelled
    folder = tmp_path_factory.mktemp("export")
    return export_version(table_run.vae, folder, samples=3, columns=columns)[0]


@pytest.fixture(scope="module")
def served(version):
    return tf.saved_model.load(str(version)).signatures


ROW = {
    "height": 171.5,
    "income": 9000.0,
    "visits": 3.0,
    "town": "Ulm",
    "member": "yes",
    "day": 18262.0,
}


def asked(**changes):
    row = {**ROW, **changes}
    return {name: tf.constant([value]) for name, value in row.items()}


def test_names_are_those_that_python_can_write_each_once():
    names = ["petal length (cm)", "class", "z", "2020", "a b", "a-b", "ü"]
    assert column_names([Column(name, "real") for name in names]) == [
        "petal_length_cm", "class_", "z_", "column_2020", "a_b", "a_b_", "column",
    ]  # fmt: skip


def test_a_version_of_a_table_passes_all_checks(version):
    assert check_version(version)["faults"] == []


def test_each_column_is_an_input_and_an_output_of_its_own(served, version):
    told = json.loads((version / "metadata.json").read_text())["signatures"]
    assert list(told["score"]["inputs"]) == [*ROW, "seed"]
    town = told["encode"]["inputs"]["town"]
    assert (town["dtype"], town["categories"]) == ("string", ["Bonn", "Kiel", "Ulm"])
    assert told["encode"]["inputs"]["visits"]["range"] == [0, None]
    for name, outputs in (("decode", set()), ("sample", {"z"}), ("reconstruct", set())):
        assert set(served[name].structured_outputs) == {*ROW, *outputs}


def test_a_row_is_answered_as_the_model_answers_it(served, table_run):
    vae = table_run.vae
    lines = ",".join(ROW), "171.5,9000,3,Ulm,yes,2020-01-01", "171.5,,3,,yes,2020-01-01"
    frame = pd.DataFrame([line.split(",") for line in lines[1:]], columns=lines[0].split(","))
    given = read_rows(frame, table_run.record).given
    z_mean, _ = vae.encode(given)
    whole, gaps = served["encode"](**asked()), served["encode"](**asked(income=np.nan, town=""))
    np.testing.assert_allclose(whole["z_mean"], z_mean[:1], atol=1e-5)
    np.testing.assert_allclose(gaps["z_mean"], z_mean[1:], atol=1e-5)
    decoded = served["decode"](z=tf.constant(z_mean))
    rows = vae.decode(z_mean)
    np.testing.assert_allclose(decoded["height"], rows[:, 0], rtol=1e-5)
    towns = np.array([b"Bonn", b"Kiel", b"Ulm"])[rows[:, 3].astype(int)]
    assert decoded["town"].numpy().tolist() == towns.tolist()


@pytest.mark.parametrize(
    "changes",
    [{"town": "Rom"}, {"visits": 2.5}, {"visits": -1.0}, {"income": 0.0}, {"height": np.inf}],
)
def test_what_a_column_cannot_hold_has_no_answer_and_spares_the_other_rows(served, changes):
    right, wrong = asked(), asked(**changes)
    both = {name: tf.concat([right[name], wrong[name]], 0) for name in right}
    z_mean = served["encode"](**both)["z_mean"].numpy()
    assert np.isfinite(z_mean[0]).all()
    assert np.isnan(z_mean[1]).all()
    town = served["reconstruct"](**both)["town"].numpy()
    assert town[0] in (b"Bonn", b"Kiel", b"Ulm")
    assert town[1] == b""


def test_columns_of_unequal_length_are_refused(served):
    with pytest.raises(tf.errors.InvalidArgumentError, match="same number of rows"):
        served["encode"](**{**asked(), "town": tf.constant(["Ulm", "Bonn"])})
