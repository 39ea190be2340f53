"""kvae export and kvae check-export, as a user runs them."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

import keras_vae

WEIGHTS = "variables/variables.data-00000-of-00001"


def run(*arguments):
    return CliRunner().invoke(kvae, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def model(digits_folder, tmp_path_factory):
    """A model with version 1, exported by the command; read only."""
    folder = shutil.copytree(digits_folder, tmp_path_factory.mktemp("models") / "digits")
    result = run("export", folder)
    assert result.exit_code == 0, result.output
    (folder / "said").write_text(result.stdout)
    return folder


@pytest.fixture
def copy(model, tmp_path):
    return shutil.copytree(model, tmp_path / "digits")


def test_the_report_has_every_output_and_its_difference(model):
    said = (model / "said").read_text()
    metadata = json.loads((model / "1" / "metadata.json").read_text())
    for signature, outputs in metadata["differences"].items():
        for name, difference in outputs.items():
            assert name in said
            assert f"{difference:.1e} │ {metadata['allowed'][signature][name]:.1e}" in said
        assert signature in said
    assert "(B, 8, 8)" in said
    assert "│ importance_weighted_bound │" in said  # no name is cut off
    assert "1e-05 times the larger of 1 and |right answer|" in said
    assert "Protocol: score takes 10 draws of z ~ q(z|x) a row, by the row's seed; K = 10\n" in said
    assert "Protocol: pixels of encoded images: drawn as Bernoulli(gray)" in said
    assert metadata["warmup_batch_sizes"] == [1, 8, 64]
    assert "training" not in said  # computed in float32
    assert f"Ready for a server: {model / '1'}" in said
    assert f"Next: kvae check-export {model / '1'}" in said


@pytest.fixture
def fake_export(model, monkeypatch):
    """Puts a version of changed metadata in the place of an export; notes what it was given."""
    given = []

    def change(**changes):
        metadata = json.loads((model / "1" / "metadata.json").read_text()) | changes

        def export(run, *arguments):
            given.extend(arguments)
            return run.path / "5", metadata

        monkeypatch.setattr(keras_vae.runs.Run, "export", export)
        return given

    return change


def test_the_options_reach_the_export(model, fake_export):
    given = fake_export()
    run("export", model, "--version", 5, "--k", 3, "--batch-sizes", "2,16")
    *options, progress = given
    assert options == [5, 3, (2, 16)]
    progress("a stage")


def test_json_of_an_export_is_its_metadata_and_nothing_else(model, fake_export):
    fake_export()
    result = run("export", model, "--json")
    metadata = json.loads((model / "1" / "metadata.json").read_text())
    assert json.loads(result.stdout) == {"version": str(model / "5"), **metadata}


def test_what_leaving_half_precision_changes_has_a_column(model, fake_export):
    trained = json.loads((model / "1" / "metadata.json").read_text())["differences"]
    trained = {
        signature: {name: (row + 1) * 1.1e-2 for row, name in enumerate(outputs)}
        for signature, outputs in trained.items()
    }
    fake_export(differences_from_training_precision=trained)
    said = run("export", model).stdout
    assert "training" in said
    for difference in ("1.1e-02", "2.2e-02", "3.3e-02", "4.4e-02"):
        assert difference in said
    assert "relative norm of the change" in said
    assert "│ importance_weighted_bound │" in said  # no name is cut off


def test_a_version_without_warmup_requests_says_how_to_get_them(model, fake_export):
    fake_export()
    assert run("export", model).stderr == ""
    fake_export(warmup_batch_sizes=None)
    result = run("export", model)
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: no warm-up requests, so the first client")
    assert "pip install 'keras_vae[serving]' and export again" in result.stderr


@pytest.mark.parametrize(
    "option",
    ["--version=0", f"--version={2**63}", "--k=0", "--batch-sizes=8,0", "--batch-sizes="],
)
def test_numbers_that_cannot_work_are_refused_before_anything_is_loaded(tmp_path, option):
    result = run("export", tmp_path / "missing", option)
    assert result.exit_code == 2
    assert option.split("=")[0] in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_good_version_and_its_model_folder_are_called_good(model):
    for folder in (model, model / "1"):
        result = run("check-export", folder)
        assert result.exit_code == 0
        assert f"Good: {model / '1'}: all files as exported; 9 signatures" in result.stdout


def test_saved_model_cli_lists_named_inputs_and_outputs(model):
    command = Path(sys.executable).with_name("saved_model_cli")
    done = subprocess.run(
        [command, "show", "--dir", model / "1", "--all"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-1000:]
    said = " ".join(done.stdout.split())
    for signature, sides in json.loads((model / "1" / "metadata.json").read_text())[
        "signatures"
    ].items():
        _, _, section = said.partition(f"signature_def['{signature}']")
        section, _, _ = section.partition("signature_def[")
        for side, tensors in sides.items():
            for name, tensor in tensors.items():
                shape = ", ".join(["-1", *map(str, tensor["shape"][1:])])
                dtype = {"float32": "DT_FLOAT", "int64": "DT_INT64", "string": "DT_STRING"}
                expected = f"{side}['{name}'] tensor_info: dtype: {dtype[tensor['dtype']]}"
                assert expected in section
                assert f"shape: ({shape})" in section


@pytest.mark.slow
def test_a_tampered_version_is_broken_and_its_neighbour_is_not(copy):
    shutil.copytree(copy / "1", copy / "2")
    content = bytearray((copy / "2" / WEIGHTS).read_bytes())
    content[len(content) // 3] ^= 0x10
    (copy / "2" / WEIGHTS).write_bytes(content)
    result = run("check-export", copy)
    assert result.exit_code == 1
    assert f"Good: {copy / '1'}" in result.stdout
    assert f"Good: {copy / '2'}" not in result.stdout
    assert f"Broken: {copy / '2'}: {WEIGHTS} has changed since it was exported" in result.stderr
    (copy / "2" / WEIGHTS).unlink()
    (copy / "2" / "saved_model.pb").unlink()
    result = run("check-export", copy / "2")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"Broken: {copy / '2'}: saved_model.pb is missing",
        f"Broken: {copy / '2'}: {WEIGHTS} is missing",
    ]
    assert result.stdout == ""


def test_json_is_one_object_with_the_faults(copy):
    (copy / "1" / "saved_model.pb").unlink()
    result = run("check-export", copy, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)[str(copy / "1")]
    assert report["faults"] == ["saved_model.pb is missing"]


def test_a_version_that_is_taken_is_refused_in_one_line(model):
    result = run("export", model, "--version", 1)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {model / '1'} exists, and a version is never")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("folder", ["missing", "."])
def test_a_place_without_a_version_is_an_error_in_one_line(tmp_path, folder):
    result = run("check-export", tmp_path / folder)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path / folder}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_two_exports_at_once_and_one_that_is_killed(copy, bare_kvae):
    arguments = [*bare_kvae, "export", copy, "--k", "3", "--batch-sizes", "2", "--json"]
    other = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    killed = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(copy.glob(".export-unfinished-*/saved_model.pb")):
        assert killed.poll() is None
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    path, _ = keras_vae.load_run(copy).export(None, 3, (2,))  # while the other is at it
    killed.wait()
    paths = {str(path), json.loads(other.communicate()[0])["version"]}
    assert paths == {str(copy / "2"), str(copy / "3")}
    reports = keras_vae.export.check_versions(copy)
    assert [path.name for path in reports] == ["1", "2", "3"]
    assert not any(report["faults"] for report in reports.values())
    metadata = json.loads((copy / "2" / "metadata.json").read_text())
    assert metadata["warmup_batch_sizes"] == [2]
    assert "3 draws" in metadata["serving_protocol"][0]


@pytest.mark.slow
def test_versions_survive_a_model_that_is_fitted_anew(copy, bare_fit):
    before = (copy / "1" / "metadata.json").read_bytes()
    config = keras_vae.Config(data="digits", hidden=(8,), epochs=1)
    run = keras_vae.fit(config, copy.parent, copy.name, overwrite=True)
    assert run.config.hidden == (8,)
    assert (copy / "1" / "metadata.json").read_bytes() == before
    assert keras_vae.export.check_version(copy / "1")["faults"] == []
    assert keras_vae.load_run(copy).export()[0] == copy / "2"
