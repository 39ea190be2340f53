import json
from pathlib import Path

import pytest

from keras_vae import RunError
from keras_vae.files import formats
from keras_vae.files.formats import FORMAT, load_json, with_format

PACKAGE = Path(formats.__file__).parents[1]


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "a.json"
        path.write_text(text)
        return path

    return write


def test_what_is_written_now_says_so_and_is_read(write):
    assert with_format({"a": 1, "format": 0}) == {"a": 1, "format": FORMAT}
    assert load_json(write(json.dumps(with_format({"a": 1})))) == {"a": 1, "format": FORMAT}


def test_a_file_without_a_number_is_of_format_0(write, monkeypatch):
    assert load_json(write('{"a": 1}')) == {"a": 1}
    assert load_json(write("[1]")) == [1]
    monkeypatch.setattr(formats, "OLDEST", 1)
    with pytest.raises(RunError, match=r"a\.json: of format 0, "):
        load_json(write('{"a": 1}'))


@pytest.mark.parametrize(
    ("number", "remedy"), [(2, "make it anew"), (6, "pip install --upgrade keras_vae")]
)
def test_another_format_is_refused_in_one_line_that_names_all(write, monkeypatch, number, remedy):
    monkeypatch.setattr(formats, "OLDEST", 3)
    monkeypatch.setattr(formats, "FORMAT", 5)
    path = write(json.dumps({"format": number}))
    with pytest.raises(RunError) as error:
        load_json(path)
    message = str(error.value)
    assert message.startswith(f"{path}: of format {number}, ")
    assert "reads formats 3 to 5; " in message
    assert message.endswith(remedy)
    assert "\n" not in message


@pytest.mark.parametrize("number", ["1", 1.0, True, None])
def test_a_number_that_is_none_is_damage(write, number):
    with pytest.raises(ValueError, match="expected a whole number"):
        load_json(write(json.dumps({"format": number})))


def test_no_other_file_of_the_package_reads_json():
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")
             if "json.load" in path.read_text()}  # fmt: skip
    # what a process of ours has just written or is told, and an environment variable
    told = {"export/check.py", "studies/child.py", "studies/sweeping.py"}
    assert found == {"files/formats.py", "training/distribute.py", *told}
