import shlex

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from PIL import Image


def read(path):
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture
def call(digits_folder, tmp_path, monkeypatch, loaded):
    """Runs a command on the shared model in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def run(command, *arguments):
        return CliRunner().invoke(kvae, [command, str(digits_folder), *arguments])

    return run


def test_sample_writes_what_generate_gives(call, digits_run):
    result = call("sample", "--count", "5", "--seed", "3", "--output", "s.npz")
    assert result.exit_code == 0
    np.testing.assert_array_equal(read("s.npz")["mean"], digits_run.vae.generate(5, seed=3))


def test_encode_writes_posterior_and_labels_of_the_whole_split(call, digits_run):
    call("encode", "--split", "validation")
    latents = read("latents.npz")
    dataset = digits_run.load_data()
    z_mean, z_log_var = digits_run.vae.encode(digits_run.examples(dataset, "validation").x)
    np.testing.assert_array_equal(latents["z_mean"], z_mean)
    np.testing.assert_array_equal(latents["z_log_var"], z_log_var)
    np.testing.assert_array_equal(latents["labels"], dataset.validation.labels)


def test_all_rows_are_written_as_csv_in_the_order_of_the_source(call, digits_run):
    assert call("encode", "--split", "all", "--output", "z.csv").exit_code == 0
    table = np.genfromtxt("z.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert table.dtype.names[:4] == ("row", "split", "labels", "z_mean_0")
    assert table["row"].tolist() == list(range(1797))
    test = digits_run.load_data().test
    assert (table["split"][test.rows] == "test").all()
    np.testing.assert_array_equal(table["labels"][test.rows], test.labels)
    assert call("reconstruct", "--split", "all", "--output", "r.npz").exit_code == 0
    assert read("r.npz")["row"].tolist() == list(range(1797))


def test_the_next_command_of_a_conditional_model_can_be_pasted(
    told_run, tmp_path, monkeypatch, tables_loaded
):
    monkeypatch.chdir(tmp_path)
    for name in ("z.csv", "z.npz"):
        shown = CliRunner().invoke(kvae, ["encode", str(told_run.path), "--output", name]).stdout
        command = shlex.split(shown.rpartition("Next: kvae ")[2])
        assert command[0] == "decode"
        assert (
            CliRunner().invoke(kvae, [*command, "--output", "d.npz", "--overwrite"]).exit_code == 0
        )


def test_sample_with_noise_writes_draws_of_x(call, digits_run):
    assert call("sample", "--noise", "--count", "5", "--output", "s.npz").exit_code == 0
    expected = digits_run.vae.sample(5, seed=0)
    np.testing.assert_array_equal(read("s.npz")["x"], expected)


def test_decode_of_encode_is_reconstruct(call):
    call("encode")
    call("decode", "--input", "latents.npz", "--output", "decoded.npz")
    call("reconstruct", "--count", "9", "--output", "r.npz")
    reconstructed = read("r.npz")
    assert reconstructed["x"].shape == (9, 8, 8)
    np.testing.assert_allclose(
        reconstructed["reconstruction"], read("decoded.npz")["mean"][:9], atol=1e-6
    )


def test_decode_takes_points_from_the_command_line(call, digits_run):
    call("decode", "--z", "0,0", "--z", "1.5,-0.5", "--output", "d.npz")
    expected = digits_run.vae.decode([[0, 0], [1.5, -0.5]])
    np.testing.assert_array_equal(read("d.npz")["mean"], expected)


@pytest.mark.parametrize(
    "arguments", [["sample"], ["reconstruct"], ["encode"], ["decode", "--z", "0,1"]]
)
def test_every_command_draws_a_picture_too(call, tmp_path, arguments):
    result = call(*arguments, "--output", "out.png")
    assert result.exit_code == 0
    with Image.open(tmp_path / "out.png") as image:
        assert len(np.unique(np.asarray(image))) > 10
    assert "Next: kvae " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["decode"], "give either --z or --input"),
        (["decode", "--z", "0,a"], "expected numbers such as 0.5,-1"),
        (["decode", "--z", "0,0,0"], "expected latents of shape (N, 2), got (1, 3)"),
        (["decode", "--input", "no.npz"], "no such file"),
        (["sample", "--count", "0"], "not in the range"),
        (["sample", "--output", "s.gif"], "ends in .npz, .csv, .tsv or .parquet"),
        (["sample", "--output", "taken.npz"], "exists; choose another --output"),
        (["encode", "--data", "other.npy"], "the model takes (8, 8)"),
        (["decode", "--z", "0,0,0", "--output", "taken.npz"], "expected latents"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line_and_writes_nothing(call, tmp_path, arguments, words):
    np.save("other.npy", np.eye(20))
    (tmp_path / "taken.npz").write_bytes(b"mine")
    before = sorted(tmp_path.iterdir())
    result = call(*arguments)
    assert result.exit_code in (1, 2)
    assert words in result.stderr.splitlines()[-1]
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "taken.npz").read_bytes() == b"mine"
