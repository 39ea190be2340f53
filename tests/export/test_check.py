import os
import shutil
import sys

import numpy as np
import pytest

from keras_vae.errors import RunError
from keras_vae.export import check, check_version, check_versions
from keras_vae.export.check import ask_served, write_reference
from keras_vae.export.metadata import read_metadata, write_metadata
from keras_vae.export.served import load_reference

WEIGHTS = "variables/variables.data-00000-of-00001"


@pytest.fixture
def version(exported, tmp_path):
    """A copy of a good version, to be broken."""
    return shutil.copytree(exported.path, tmp_path / "vae" / "1")


def flip_a_bit(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
def test_a_good_version_has_no_faults(exported, fresh_process):
    report = check_version(exported.path)
    assert report["faults"] == []
    assert report["differences"] == exported.metadata["differences"]
    assert report["allowed"] == exported.metadata["allowed"]


@pytest.mark.slow
def test_a_flipped_bit_anywhere_in_the_weights_is_named(version):
    size = (version / WEIGHTS).stat().st_size
    for position in (0, size // 2, size - 1):
        flip_a_bit(version / WEIGHTS, position)
        assert check_version(version)["faults"] == [f"{WEIGHTS} has changed since it was exported"]
        flip_a_bit(version / WEIGHTS, position)
    assert not check_version(version)["faults"]


def test_a_missing_variables_file_is_named(version):
    (version / WEIGHTS).unlink()
    assert check_version(version)["faults"] == [f"{WEIGHTS} is missing"]


def test_a_folder_without_metadata_is_no_version_of_ours(version):
    (version / "metadata.json").unlink()
    (fault,) = check_version(version)["faults"]
    assert "metadata.json: missing" in fault


def rewrite_metadata(version):
    """Metadata that vouch for the files as they are now."""
    metadata = read_metadata(version)
    write_metadata(version, {k: v for k, v in metadata.items() if k not in ("files", "sha256")})


@pytest.mark.slow
def test_files_that_do_not_load_are_faults_also_when_their_hashes_agree(version, fresh_process):
    (version / WEIGHTS).unlink()
    rewrite_metadata(version)
    (fault,) = check_version(version)["faults"]
    assert fault.startswith("does not load and answer: ")


@pytest.mark.slow
def test_other_answers_are_faults_also_when_the_hashes_agree(version):
    path = version / "assets.extra" / "reference.npz"
    answers = load_reference(path)
    answers["encode"][1]["z_mean"] += np.float32(1e-3)
    write_reference(version, answers)
    rewrite_metadata(version)
    report = check_version(version)
    assert any("encode, output z_mean: differs from the Keras model by 0.001" in fault
               for fault in report["faults"])  # fmt: skip
    assert len(report["faults"]) == 1


@pytest.mark.slow
def test_a_folder_that_is_no_saved_model_does_not_load(tmp_path):
    (fault,) = ask_served(tmp_path)["faults"]
    assert fault.startswith("does not load and answer: ")


def test_a_file_that_cannot_be_read_is_a_fault(exported, monkeypatch):
    def refuse(folder, metadata):
        raise PermissionError(13, "Permission denied", "variables")

    monkeypatch.setattr(check, "changed_files", refuse)
    assert check_version(exported.path) == {
        "faults": ["[Errno 13] Permission denied: 'variables'"],
        "differences": {},
        "allowed": {},
    }


@pytest.fixture
def process(monkeypatch, tmp_path):
    """Puts a shell script, given FOLDER and REPORT, in the place of the fresh process."""

    def replace(script):
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\nshift\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return replace


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "exit code -9"),  # as when memory runs out
        ("exit 3", "exit code 3"),
        ('echo \'{"faults": [], "differences": {}, "allowed": {}}\' > $2; exit 1', "exit code 1"),
        ("echo chatter >&2; echo 'ValueError: the reason' >&2; exit 1", "ValueError: the reason"),
        (r"printf 'caf\351' >&2; exit 1", "caf\ufffd"),  # not UTF-8
    ],
)
def test_a_process_that_ends_without_a_report_is_a_fault(process, tmp_path, script, said):
    process(script)
    assert ask_served(tmp_path) == {
        "faults": [f"does not load and answer: {said}"],
        "differences": {},
        "allowed": {},
    }


def test_the_process_leaves_the_gpu_alone_and_keeps_the_rest_of_the_environment(
    process, tmp_path, monkeypatch
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/the/user")
    process('echo "{\\"faults\\": [\\"$CUDA_VISIBLE_DEVICES $LD_LIBRARY_PATH $1\\"]}" > $2')
    assert ask_served(tmp_path) == {"faults": [f"-1 /of/the/user {tmp_path}"]}
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.slow
def test_every_version_of_a_model_is_checked(version):
    shutil.copytree(version, version.with_name("12"))
    (version.with_name("12") / "saved_model.pb").unlink()
    reports = check_versions(version.parent)
    assert {path.name: len(report["faults"]) for path, report in reports.items()} == {
        "1": 0,
        "12": 1,
    }
    broken = version.with_name("12")
    assert check_versions(broken) == {broken: reports[broken]}


@pytest.mark.slow
def test_a_version_is_known_from_inside_it(version, monkeypatch):
    monkeypatch.chdir(version)
    (report,) = check_versions(".").values()
    assert report["faults"] == []


def test_a_place_without_versions_is_an_error(tmp_path):
    with pytest.raises(RunError, match="no such folder"):
        check_versions(tmp_path / "missing")
    with pytest.raises(RunError, match=r"holds no exported version; kvae export .* makes one"):
        check_versions(tmp_path)
