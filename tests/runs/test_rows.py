import numpy as np
import pytest

from keras_vae import Config, DataError, fit
from keras_vae.runs import encode_rows, named_labels, reconstruct_rows


def test_the_codes_of_all_rows_are_those_of_their_splits_in_the_order_of_the_source(digits_run):
    dataset = digits_run.load_data()
    codes = encode_rows(digits_run, dataset, "all")
    assert codes["row"].tolist() == list(range(1797))
    for split, part in dataset.splits.items():
        own = encode_rows(digits_run, dataset, split)
        np.testing.assert_array_equal(own["row"], part.rows)
        np.testing.assert_array_equal(own["labels"], codes["labels"][part.rows])
        np.testing.assert_allclose(own["z_mean"], codes["z_mean"][part.rows], atol=1e-5)
        assert set(codes["split"][part.rows]) == set(own["split"]) == {split}


def test_reconstructions_are_those_of_the_rows_asked_for(digits_run):
    dataset = digits_run.load_data()
    made = reconstruct_rows(digits_run, dataset, "all", count=7)
    assert made["row"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert made["labels"].shape == (7,)
    expected = digits_run.vae.predict(made["x"], verbose=0)
    np.testing.assert_allclose(made["reconstruction"], expected, atol=1e-6)
    assert len(reconstruct_rows(digits_run, dataset, "test")["x"]) == 179


def test_what_is_missing_stays_missing_beside_its_reconstruction(table_run):
    dataset = table_run.load_data()
    made = reconstruct_rows(table_run, dataset, "all")
    test = dataset.test
    assert 0 < test.mask.mean() < 1
    expected = np.where(test.mask > 0, test.x, np.nan)
    np.testing.assert_array_equal(made["x"][test.rows], expected)
    assert np.isfinite(made["reconstruction"]).all()


@pytest.mark.slow
def test_a_stream_is_encoded_piece_by_piece_and_not_reconstructed_whole(
    tmp_path, monkeypatch, bare_fit
):
    monkeypatch.setattr("keras_vae.data.in_order.CHUNK", 25)
    x = np.random.default_rng(0).integers(0, 2, (60, 6)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    config = Config(data=str(tmp_path / "x.npy"), stream=True, hidden=(4,), epochs=1, batch_size=8)
    run = fit(config, tmp_path)
    dataset = run.load_data()
    codes = encode_rows(run, dataset, "all")
    np.testing.assert_allclose(codes["z_mean"], run.vae.encode(x)[0], atol=1e-6)
    assert codes["labels"] is None
    with pytest.raises(DataError, match=r"is streamed.*--count"):
        reconstruct_rows(run, dataset, "all")
    made = reconstruct_rows(run, dataset, "all", count=30)  # across two pieces
    np.testing.assert_array_equal(made["x"], x[:30])


def test_labels_are_named_where_their_classes_have_names():
    columns = {"row": np.arange(3), "labels": np.array([1, 0, 1])}
    named = named_labels(columns, ("a", "b"))
    assert named["labels"].tolist() == ["b", "a", "b"]
    assert named_labels(columns, None)["labels"].tolist() == [1, 0, 1]
    assert named_labels({"labels": None}, ("a",)) == {"labels": None}
