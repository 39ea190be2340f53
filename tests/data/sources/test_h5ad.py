import numpy as np
import pytest
from scipy import sparse

from keras_vae import Config, load_data
from keras_vae.data import audit_dataset, decided, defaults_taken, load
from keras_vae.data.sources import h5ad
from keras_vae.data.sources.h5ad import H5adRows
from keras_vae.data.streams.values import values_of
from keras_vae.errors import DataError


def test_rows_are_read_in_any_order_with_their_sums(counts_h5ad):
    source = H5adRows(counts_h5ad.path)
    assert (source.count, source.event_shape) == (50, (20,))
    rows = np.random.default_rng(1).permutation(50)[:31]
    x = values_of(source, rows)
    assert x.dtype == "float32"
    np.testing.assert_array_equal(x, counts_h5ad.counts[rows])
    np.testing.assert_array_equal(source.obs["library"], counts_h5ad.counts.sum(axis=1))
    assert source.entries == tuple(f"gene{i}" for i in range(20))
    assert source.warnings == ()


def test_sums_do_not_depend_on_how_much_is_looked_at_together(counts_h5ad, monkeypatch):
    monkeypatch.setattr(h5ad, "CHUNK_BYTES", 500)
    source = H5adRows(counts_h5ad.path)
    np.testing.assert_array_equal(source.obs["library"], counts_h5ad.counts.sum(axis=1))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int64"])
@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_whole_numbers_of_any_dtype_are_counts_and_never_levels(
    counts_h5ad, tmp_path, monkeypatch, dtype, is_sparse, stream
):
    counts = (5 * counts_h5ad.counts).astype(dtype)
    with h5ad.of_anndata() as anndata:
        matrix = sparse.csr_matrix(counts) if is_sparse else counts
        anndata.AnnData(matrix).write_h5ad(tmp_path / "x.h5ad")
    if stream:
        monkeypatch.setattr(load, "DENSE_BYTES", 100)
    dataset = load_data(tmp_path / "x.h5ad")
    assert dataset.levels is None
    for part in dataset.splits.values():
        np.testing.assert_array_equal(part.x, counts[part.rows])
    np.testing.assert_array_equal(dataset.told["library"], counts.sum(axis=1))
    config = decided(Config(), dataset)
    assert (config.likelihood, config.binarize) == ("negative_binomial", "none")
    assert not [line for line in defaults_taken(dataset, Config()) if "levels" in line]


def test_a_layer_takes_the_place_of_x(counts_h5ad):
    source = H5adRows(counts_h5ad.path, "columns")
    np.testing.assert_array_equal(values_of(source, np.arange(50)), 2 * counts_h5ad.counts)
    np.testing.assert_array_equal(source.whole().x, 2 * counts_h5ad.counts)
    assert source.reading == ("layer columns as stored",)


def test_numbers_that_are_not_counts_are_told_with_the_layers_there_are(counts_h5ad):
    (line,) = H5adRows(counts_h5ad.path, "dense").warnings
    assert "layers/dense" in line
    assert "--layer columns" in line


def written(path, counts):
    pytest.importorskip("anndata")
    with h5ad.of_anndata() as anndata:
        anndata.AnnData(counts).write_h5ad(path)
    return path


@pytest.mark.parametrize("shape", [(0, 3), (4, 0)])
def test_a_matrix_without_cells_or_genes_is_one_line(tmp_path, shape):
    path = written(tmp_path / "x.h5ad", np.zeros(shape, "float32"))
    with pytest.raises(DataError, match=f"X has {shape[0]} rows and {shape[1]} columns"):
        H5adRows(path)


def test_counts_that_float32_rounds_are_told(tmp_path):
    (line,) = H5adRows(written(tmp_path / "x.h5ad", np.array([[2.0**24 + 2, 1]]))).warnings
    assert "up to 16777218" in line
    assert H5adRows(written(tmp_path / "y.h5ad", np.array([[2.0**24, 1]]))).warnings == ()


def test_a_likelihood_of_counts_refuses_other_numbers_and_tells_the_layers(counts_h5ad):
    dataset = load_data(counts_h5ad.path, layer="dense")
    with pytest.raises(DataError, match=r"negative_binomial describes counts.*--layer columns"):
        audit_dataset(dataset, "negative_binomial")


def test_a_column_of_obs_holds_the_labels(counts_h5ad):
    dataset = load_data(counts_h5ad.path, label_column="batch")
    assert dataset.class_names == ("a", "b")
    for examples in dataset.splits.values():
        names = np.array(dataset.class_names)[examples.labels]
        np.testing.assert_array_equal(names, counts_h5ad.obs["batch"].to_numpy()[examples.rows])


@pytest.mark.parametrize("stream", [False, True])
def test_the_splits_hold_the_rows_that_they_say(counts_h5ad, stream, monkeypatch):
    if stream:
        monkeypatch.setattr(load, "DENSE_BYTES", 100)  # as of a large matrix
    dataset = load_data(counts_h5ad.path)
    assert (dataset.stream is not None) == stream
    rows = np.concatenate([part.rows for part in dataset.splits.values()])
    assert sorted(rows) == list(range(50))
    for part in dataset.splits.values():
        np.testing.assert_array_equal(part.x, counts_h5ad.counts[part.rows])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layer": "spliced"}, "has no layers/spliced; its layers: columns, dense"),
        ({"label_column": "color"}, "obs has no column 'color'; it has batch, depth, gap"),
        ({"label_column": "gap"}, "the column 'gap' of obs has gaps"),
        ({"columns": "x.toml"}, "--columns: .* is not a table"),
    ],
)
def test_what_the_file_does_not_have_is_one_line(counts_h5ad, options, said):
    with pytest.raises(DataError, match=said):
        load_data(counts_h5ad.path, **options)


def test_a_damaged_file_is_one_line(counts_h5ad, tmp_path):
    path = tmp_path / "cut.h5ad"
    path.write_bytes(counts_h5ad.path.read_bytes()[:900])
    with pytest.raises(DataError, match=r"cut\.h5ad: not a \.h5ad, damaged or cut short"):
        load_data(path)


def test_a_layer_of_other_data_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((30, 2)))
    with pytest.raises(DataError, match=r"--layer: .* is not a \.h5ad"):
        load_data(tmp_path / "x.npy", layer="counts")
