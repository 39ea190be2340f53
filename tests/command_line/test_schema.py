import json

import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

TABLE = "age,town,won\n" + "".join(
    f"{20 + row % 37},{'Ulm' if row % 3 else 'Bonn'},{'yes' if row % 2 else 'no'}\n"
    for row in range(80)
)


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(TABLE)
    return "people.csv"


def said(*arguments):
    done = CliRunner().invoke(kvae, ["schema", *map(str, arguments)])
    return done.exit_code, done.output


def test_a_schema_is_printed_with_its_reasons_and_written_to_be_corrected(table):
    code, output = said(table, "--output", "s.toml", "--label-column", "won", "--ignore", "age")
    assert code == 0
    assert "binary" in output
    assert output.splitlines()[-1] == (
        "Next: kvae fit --data people.csv --label-column won --ignore age --columns s.toml"
    )
    with open("s.toml") as file:
        written = file.read()
    assert 'name = "town"\nkind = "binary"\ncategories = ["Bonn", "Ulm"]' in written
    with open("s.toml", "w") as file:
        file.write(written.replace('kind = "ignored"', 'kind = "count"'))
    code, output = said(table, "--columns", "s.toml", "--json")
    kinds = {column["name"]: column["kind"] for column in json.loads(output)["columns"]}
    assert kinds == {"age": "count", "town": "binary", "won": "label"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.csv"], "missing.csv: no such file"),
        (["digits"], "digits: no such file"),
        (["people.csv", "--label-column", "x"], "people.csv: no column 'x'"),
        (["people.csv", "--columns", "no.toml"], "no.toml: cannot be read"),
        (["people.csv", "--output", "people.csv"], "ends in .toml"),
    ],
)
def test_what_is_wrong_is_one_line(table, arguments, words):
    code, output = said(*arguments)
    assert code == 1
    assert words in output
    assert len(output.splitlines()) == 1
