"""The scripts in findings/ are complete; they are run by hand, for they install other software."""

import os
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_what_was_guessed_what_it_does_and_what_was_seen(path):
    text = path.read_text()
    assert os.access(path, os.X_OK)
    header = text.partition("\nset -eu\n")[0]
    labels = re.findall(r"^# (Versions|Guess|Behaviour|Seen|Exit code 0):", header, re.M)
    assert labels == ["Versions", "Guess", "Behaviour", "Seen", "Exit code 0"]
    assert re.search(r"^# Seen:\n#   \S", header, re.M)
    assert "==" in re.search(r"pip\" install .*", text)[0]
    assert "assert " in text
    assert "keras_vae" not in text


def test_the_table_has_every_script():
    listed = re.findall(r"^\| \[`(\w+)`\]\((\w+)\.sh\)", (FOLDER / "README.md").read_text(), re.M)
    assert listed == [(path.stem, path.stem) for path in SCRIPTS]
