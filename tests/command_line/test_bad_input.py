"""What people's own data may have wrong: each is one line with exit code 1, and leaves nothing."""

import gzip
import shlex
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from PIL import Image
from scipy import sparse

from keras_vae.data.sources.h5ad import of_anndata
from keras_vae.runs import pipeline

HEADER = "age,town,visits,debt,colour,part,when,gap,same,blank"
ROWS = [
    f"{20 + 1.37 * (row % 23):.2f},{('Ulm', 'Bonn', 'Kiel')[row % 3]},{row % 5 * (row % 2)},"
    f"{row % 11 - 5}.25,{('red', 'blue', 'green')[row % 3]},"
    f"{'train' if row % 4 else 'test'},2020-01-{1 + row % 28:02},{row if row else ''},x,"
    for row in range(60)
]
NEW = "height,income,visits,town,member,day\n170.1,9000,3,Ulm,yes,2020-01-02\n"


def table(*rows, header=HEADER):
    return "\n".join([header, *(rows or ROWS)]) + "\n"


# What stands in t.csv, and what is said of it.
TABLES = {
    "an empty file": ("", "t.csv: is empty; expected a header and rows"),
    "a header alone": (HEADER + "\n", "t.csv: has 0 rows and 10 columns; expected at least one"),
    "one row": (table(ROWS[0]), "no column is left to model (age is constant, town"),
    "nine rows": (table(*ROWS[:9]), "9 examples; expected at least 20"),
    "a row that is too long": (table(*ROWS, ROWS[0] + ",7"), "line 62, saw 11"),
    "a row that is too short": (table(*ROWS, "30,Ulm"), "row 60 has 2 cells, the header 10 names"),
    "two columns of one name": (table(header=HEADER.replace("town", "age")), "called 'age'"),
    "no header": (table(header=ROWS[0].split(",")[0] + ",5,6,7,8,9,1,2,3,4"), "expected a header"),
    "columns divided by blanks": ("a b c\n1 2 3\n", "divided by commas, semicolons, tabs or bars"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "t.csv: holds bytes that are not text"),
    "UTF-16": (table().encode("utf-16"), "or is in UTF-16; save it in UTF-8"),
    "Latin-1": (table("30,K\xf6ln,1,1,red,test,2020-01-01,1,x,").encode("latin-1"), "in UTF-8"),
    "a quotation without an end": (table('"30,Ulm'), "t.csv: cannot be read as a table"),
    "gaps alone": ("a,b\n" + ",NA\n" * 30, "a is constant, b is constant"),
    "one value alone": ("a,b\n" + "1,x\n" * 30, "holds two different values"),
    "an infinite value": (table(*ROWS, ROWS[0].replace("20.00", "-inf")), "'-inf', expected a fin"),
    "a value beyond float32": (table(*ROWS, ROWS[0].replace("20.00", "1e30")), "up to 1e+18; give"),
}  # fmt: skip

# Arguments of kvae fit, and what is said of them.
FILES = [
    ("--data missing.csv", "missing.csv: no such file or folder"),
    ("--data folder.csv", "folder.csv: cannot be read as a table"),
    ("--data cut.csv.gz", "cut.csv.gz: cannot be read as a table"),
    ("--data t.json", "t.json: expected a .csv"),
    ("--data bad.parquet", "bad.parquet: "),
]
OPTIONS = [
    ("--label-column x", "t.csv: no column 'x'; the table has age, town"),
    ("--label-column age", "a label is a class"),
    ("--label-column gap", "rows have no label, the first is row 0"),
    ("--ignore x", "t.csv: no column 'x'"),
    ("".join(f" --ignore {name}" for name in HEADER.split(",")), "age is ignored, town is ignored"),
    ("--ignore town --label-column town", "both ignored and label; choose one"),
    ("--split-column town", "row 0 holds 'Ulm'; expected train, validation or test"),
    ("--split-column gap", "column 'gap': 1 rows are empty, the first is row 0"),
    ("--split-by x", "t.csv: no column 'x'"),
    ("--split-by same", "column 'same': 1 groups; expected 3 at least"),
    ("--split-order gap", "column 'gap': 1 rows are empty"),
    ("--split-order town", "column 'town': holds text, which has no order in time"),
    ("--split-by town --split-order when", "each says how to split; choose one"),
    ("--condition x", "t.csv: no column 'x'"),
    ("--condition labels", "has no labels; --label-column names them"),
    ("--condition gap", "column 'gap': 1 rows are empty"),
    ("--condition same", "which cannot be a condition"),
    ("--condition town,town", "each name once"),
    ("--library", "library: is for counts"),
    ("--stream", "t.csv is a table or series, which is read whole"),
    ("--layer counts", "t.csv is not a .h5ad"),
    ("--size 8", "t.csv is not a folder of images"),
    ("--columns none.toml", "none.toml: no such file"),
    ("--columns t.csv", "t.csv: not TOML"),
]

# Lines of schema.toml behind those of one column, and what is said of them.
SCHEMAS = [
    ("x", 'kind = "real"', "no column 'x'"),
    ("age", 'kind = "height"', "kind 'height'; expected one of real, positive"),
    ("age", "kind = 3", "kind is 3, not a text"),
    ("age", 'sort = "real"', "unknown 'sort'; expected name, kind"),
    ("age", 'kind = "real"\n[[columns]]\nname = "age"', "is there twice"),
    ("debt", 'kind = "count"', "hold '-5.25', expected a whole number from 0"),
    ("visits", 'kind = "positive"', "more rows hold '0', expected a number above 0"),
    ("town", 'kind = "binary"', "is binary, but has 3 values"),
    ("town", 'kind = "real"', "hold 'Ulm', expected a number"),
    ("town", 'kind = "date"', "hold 'Ulm', expected a date"),
    ("colour", 'kind = "ordinal"', "the order of blue, green, red is not known"),
    ("colour", 'categories = ["red", "blue"]', "lack 'green', which it holds"),
    ("colour", 'categories = [["red"], "blue"]', "categories holds [['red'], 'blue']"),
    ("same", 'kind = "categorical"', "with 1 categories; expected 2 to 1000"),
    ("age", 'form = "kg"', "form 'kg': expected a number such as"),
    ("when", 'form = "%Y-%Q"', "form '%Y-%Q'"),
    ("when", 'kind = "real"', "hold '2020-01-01', expected a number"),
    ("blank", 'kind = "positive"', "column 'blank': all cells are empty"),
    ("age", 'categories = ["20.00"]', "is real, which has no categories; leave them out"),
    ("age", 'kind = "real"\ndtype = "bool"', "dtype 'bool' does not hold its values"),
    ("age", 'kind = "real"\ndtype = "float63"', "dtype 'float63' does not hold its values"),
    ("visits", 'kind = "condition"\nvalues = "count"', "values = 'count'"),
    ("town", 'kind = "label"\n[[columns]]\nname = "part"\nkind = "label"', "both of kind label"),
]  # fmt: skip

# What stands in new.csv, a command that uses the model of a table on it, and what is said.
ROWS_OF_OTHERS = [
    ("", "impute", "new.csv: is empty"),
    (NEW.splitlines()[0], "score", "new.csv: has 0 rows"),
    (NEW.replace("town,", "").replace("Ulm,", ""), "score", "new.csv: column 'town' is missing"),
    (NEW.replace("day\n", "day,x\n").replace("02\n", "02,1\n"), "encode", "'x' is not known"),
    (NEW.replace("Ulm", "Rom"), "encode", "'Rom', which is not one of its 3 categories"),
    (NEW.replace("170.1", "tall"), "score", "column 'height': row 0 holds 'tall', expected a num"),
    (NEW.replace("170.1", "inf"), "encode", "column 'height': row 0 holds 'inf', expected a fin"),
    (NEW.replace("9000", "-1"), "impute", "'-1', expected a number above 0"),
    (NEW.replace(",3,", ",2.5,"), "score", "'2.5', expected a whole number from 0"),
    (NEW.replace("2020-01-02", "2.1.20"), "encode", "expected a date spelled as %Y-%m-%d"),
    (NEW.replace(",02", ""), "evaluate", "1 examples; expected at least 20"),
]  # fmt: skip

# Commands on models, written PEOPLE (of a table), TOLD (of one, with conditions) and COUNTS.
USES = [
    ("encode PEOPLE --data digits", "digits: no such file"),
    ("evaluate PEOPLE --data digits", "digits: is not a table, and the model is one of a table"),
    ("score PEOPLE --data none.csv", "none.csv: no such file"),
    ("impute PEOPLE --data new.csv --output new.csv", "new.csv exists; choose another --output"),
    ("impute PEOPLE --data new.csv --output f.xlsx", "expected a name that ends in .csv, .tsv or"),
    ("impute PEOPLE --data new.csv --intervals new.csv", "exists; choose another --intervals"),
    ("impute PEOPLE --data new.csv --output f.csv --intervals ./f.csv", "choose two names"),
    ("score PEOPLE --data new.csv --output none/f.csv", "none: no such folder; make it"),
    ("score PEOPLE --data new.csv --output folder.csv", "folder.csv: is a folder"),
    ("encode PEOPLE --data new.csv --output z.txt", "z.txt: expected a name that ends in .npz, .c"),
    ("sample PEOPLE --output x.h5ad", "x.h5ad: expected a name that ends in .npz"),
    ("decode PEOPLE --input t.csv", "t.csv: not a readable NumPy file"),
    ("decode PEOPLE --z 1e38,0", "1 rows with values that are not finite"),
    ("sample PEOPLE --condition town=Ulm", "the model takes no condition"),
    ("sample TOLD", "is not given"),
    ("sample TOLD --condition member=yes", "income is not given"),
    ("sample TOLD --condition member=maybe --condition income=1", "was trained on member no, yes"),
    ("sample TOLD --condition member=yes --condition income=much", "expected a finite number"),
    ("sample TOLD --condition member=yes --condition sex=f", "condition sex"),
    ("decode TOLD --z 0,0 --condition member=no", "income is not given"),
    ("score TOLD --data untold.csv", "untold.csv: column 'member' is missing, which the model"),
    ("encode TOLD --data empty.csv", "empty.csv: column 'member': 1 rows are empty"),
]  # fmt: skip
USES_OF_COUNTS = [
    ("score COUNTS --data new.csv", "new.csv: no column 'batch'; the table has"),
    ("impute COUNTS --data new.csv", "cells.h5ad, which is not a table; this is for models of"),
    ("encode COUNTS --data t.csv", "t.csv: no column 'batch'; the table has"),
    ("encode COUNTS --data other.h5ad", "other.h5ad: has other columns than the model"),
    ("encode COUNTS --data nobatch.h5ad", "nobatch.h5ad: has no column 'batch', which the model"),
    ("encode COUNTS --data newbatch.h5ad", "batch=c: the model was trained on batch a, b"),
    ("sample COUNTS --condition batch=a --condition library=0", "must be above 0"),
]  # fmt: skip
ANNOTATED = [
    ("--data cut.h5ad", "cut.h5ad: not a .h5ad, damaged or cut short"),
    ("--data t.h5ad", "t.h5ad: not a .h5ad, damaged or cut short"),
    ("--data cells.h5ad --layer spliced", "its layers: fraction, nan, negative, nothing"),
    ("--data cells.h5ad --layer negative", "describes counts, whole numbers from 0 on"),
    ("--data cells.h5ad --layer fraction", "describes counts, whole numbers from 0 on"),
    ("--data cells.h5ad --layer nan", "NaN"),
    ("--data cells.h5ad --layer nothing", "must be above 0; leave such examples out"),
    ("--data cells.h5ad --condition x", "has batch, gap only"),
    ("--data cells.h5ad --condition gap", "row 3 of cells.h5ad has a gap there"),
    ("--data cells.h5ad --label-column x", "obs has no column 'x'; it has batch, gap"),
    ("--data cells.h5ad --label-column gap", "the column 'gap' of obs has gaps"),
    ("--data cells.h5ad --columns t.toml", "cells.h5ad is not a table"),
    ("--data few.h5ad", "3 examples; expected at least 20"),
]  # fmt: skip
IMAGES = [
    ("--data none", "none: no such file or folder"),
    ("--data empty", "empty"),
    ("--data clear", "has transparent pixels; choose --alpha black or white"),
    ("--data sizes", "images differ in size or colours"),
    ("--data broken", "not an image"),
    ("--data bright.npy", "describes values in [0, 1], the data lie in [0, 300]"),
    ("--data bright.npy --likelihood discretized_logistic", "describes 256 levels"),
    ("--data clear --alpha black --label-column x", "clear is not a table"),
]


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """Runs a command and holds what it must do with bad input to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "train", lambda *given: pytest.fail("trained"))

    def run(command, words):
        before = contents(tmp_path)
        done = CliRunner().invoke(kvae, shlex.split(command))
        assert isinstance(done.exception, SystemExit), done.exception
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr
        assert words in done.stderr
        assert done.stderr.startswith("Error: ")
        assert contents(tmp_path) == before

    return run


def contents(folder):
    return {path: path.is_dir() or path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(("text", "words"), TABLES.values(), ids=TABLES)
def test_a_table_that_cannot_be_one(refused, tmp_path, text, words):
    (tmp_path / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused("fit --data t.csv", words)


@pytest.mark.parametrize(("arguments", "words"), FILES + OPTIONS)
def test_a_table_that_is_asked_for_what_it_has_not(refused, tmp_path, arguments, words):
    (tmp_path / "folder.csv").mkdir()
    for name in ("t.csv", "t.json", "bad.parquet"):
        (tmp_path / name).write_text(table())
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(table().encode())[:-100])
    data = "" if "--data" in arguments else "--data t.csv "
    refused(f"fit {data}{arguments}", words)


@pytest.mark.parametrize(("column", "lines", "words"), SCHEMAS)
@pytest.mark.parametrize("command", ["fit --data t.csv", "schema t.csv"])
def test_a_schema_that_the_table_contradicts(refused, tmp_path, command, column, lines, words):
    (tmp_path / "t.csv").write_text(table())
    (tmp_path / "s.toml").write_text(f'[[columns]]\nname = "{column}"\n{lines}\n')
    refused(f"{command} --columns s.toml", words)


@pytest.mark.parametrize(("text", "command", "words"), ROWS_OF_OTHERS)
@pytest.mark.usefixtures("table_loaded")
def test_rows_that_do_not_fit_the_model(refused, table_run, tmp_path, text, command, words):
    (tmp_path / "new.csv").write_text(text)
    refused(f"{command} {table_run.path} --data new.csv", words)


@pytest.mark.parametrize(("command", "words"), USES)
@pytest.mark.usefixtures("tables_loaded")
def test_a_model_of_a_table_that_is_asked_for_what_it_does_not_do(
    refused, table_run, told_run, tmp_path, command, words
):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "t.csv").write_text(table())
    (tmp_path / "new.csv").write_text(NEW)
    (tmp_path / "untold.csv").write_text(NEW.replace("member,", "").replace("yes,", ""))
    (tmp_path / "empty.csv").write_text(NEW.replace("yes", ""))
    for name, run in {"PEOPLE": table_run, "TOLD": told_run}.items():
        command = command.replace(name, str(run.path))
    refused(command, words)


@pytest.mark.parametrize(("command", "words"), USES_OF_COUNTS)
@pytest.mark.usefixtures("counts_loaded")
def test_a_model_of_counts_that_is_asked_for_what_it_does_not_do(
    refused, counts_run, annotated, tmp_path, command, words
):
    shutil.copytree(annotated, tmp_path, dirs_exist_ok=True)
    (tmp_path / "t.csv").write_text(table())
    (tmp_path / "new.csv").write_text(NEW)
    refused(command.replace("COUNTS", str(counts_run.path)), words)


@pytest.fixture(scope="module")
def annotated(tmp_path_factory):
    """A folder of `.h5ad` files."""
    pytest.importorskip("anndata")
    folder = tmp_path_factory.mktemp("annotated")
    rng = np.random.default_rng(0)
    counts = rng.poisson(3, (40, 20)).astype("float32")
    obs = pd.DataFrame({
        "batch": pd.Categorical(["a", "b"] * 20),
        "gap": np.where(np.arange(40) == 3, np.nan, 1.5),
    })  # fmt: skip
    obs.index = obs.index.astype(str).astype(object)
    with of_anndata() as anndata:
        cells = anndata.AnnData(sparse.csr_matrix(counts), obs)
        cells.var_names = [f"gene{number}" for number in range(20)]
        cells.layers["fraction"] = counts / 2
        cells.layers["nan"] = np.where(counts == 5, np.nan, counts)
        cells.layers["negative"] = np.where(np.arange(20) == 4, -1, counts)
        cells.layers["nothing"] = counts * (np.arange(40) != 7)[:, None]
        cells.write_h5ad(folder / "cells.h5ad")
        cells[:3].copy().write_h5ad(folder / "few.h5ad")
        cells[:, ::-1].copy().write_h5ad(folder / "other.h5ad")
        new = cells.copy()
        new.obs["batch"] = pd.Categorical(["a", "c"] * 20)
        new.write_h5ad(folder / "newbatch.h5ad")
        del new.obs["batch"]
        new.write_h5ad(folder / "nobatch.h5ad")
    (folder / "cut.h5ad").write_bytes((folder / "cells.h5ad").read_bytes()[:3000])
    (folder / "t.h5ad").write_text(table())
    return folder


@pytest.mark.parametrize(("arguments", "words"), ANNOTATED)
def test_counts_that_are_none_or_lack_what_is_asked_for(
    refused, annotated, tmp_path, arguments, words
):
    shutil.copytree(annotated, tmp_path, dirs_exist_ok=True)
    refused(f"fit {arguments}", words)


@pytest.mark.parametrize(("arguments", "words"), IMAGES)
def test_images_that_cannot_be_read_as_they_are_meant(refused, tmp_path, arguments, words):
    for name in ("empty", "clear", "sizes", "broken"):
        (tmp_path / name).mkdir()
    palette = Image.fromarray(np.arange(64, dtype="uint8").reshape(8, 8) % 4).convert("P")
    for number in range(2):
        palette.save(tmp_path / "clear" / f"{number}.png", transparency=number)
        palette.resize((8 + number, 8)).save(tmp_path / "sizes" / f"{number}.png")
    (tmp_path / "broken" / "a.png").write_text("no picture")
    np.save(tmp_path / "bright.npy", np.linspace(0, 300, 40 * 64).reshape(40, 8, 8))
    refused(f"fit {arguments}", words)


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("fit --data t.h5ad", "anndata"),
        ("encode {people} --output z.h5ad", "anndata"),
        ("fit --data t.parquet", "pyarrow"),
        ("encode {people} --output z.parquet", "pyarrow"),
        ("sample {people} --output x.parquet", "pyarrow"),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    refused, monkeypatch, table_run, tmp_path, command, module
):
    (tmp_path / "t.parquet").write_text("PAR1")
    (tmp_path / "t.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.setitem(sys.modules, module, None)
    refused(command.format(people=table_run.path), f"the package {module}: pip")
