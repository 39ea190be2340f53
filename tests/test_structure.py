"""The house rules that a machine can check."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "keras_vae"

# Who may import whom inside keras_vae, besides itself, config, errors and aliases.
MAY_IMPORT = {
    "aliases": set(),
    "conditions": set(),
    "choices": set(),
    "check_config": set(),
    "presets": set(),
    "pairs": set(),
    "path": set(),
    "resampling": set(),
    "config": {"check_config"},
    "errors": set(),
    "version": set(),
    "progress": set(),
    "backend": set(),
    "import_hooks": set(),
    "lazy_names": set(),
    "with_keras": {"import_hooks", "networks", "vae"},
    "figure_tables": set(),
    "files": {"conditions", "figure_tables", "version"},
    "data": {"conditions", "files", "lazy_names", "replicas", "traced"},
    "measures": set(),
    "plots": {"files"},
    "networks": set(),
    "sampling": {"distributions", "replicas"},
    "distributions": {"backend"},
    "inputs": {"data", "distributions", "pairs"},
    "terms": {"path"},
    "objectives": {"resampling", "terms"},
    "preconditions": {"distributions"},
    "array_methods": {"data", "distributions", "inputs", "pairs", "sampling", "terms", "traced"},
    "replicas": set(),
    "traced": set(),
    "loop": {"objectives", "replicas", "traced"},
    "forward": {
        "array_methods",
        "distributions",
        "inputs",
        "loop",
        "networks",
        "path",
        "resampling",
        "sampling",
        "terms",
    },
    "vae": {"distributions", "forward", "inputs", "networks", "objectives", "sampling"},
    "monitoring": {
        "data",
        "distributions",
        "files",
        "loop",
        "measures",
        "plots",
        "terms",
    },
    "precision": {"vae"},
    "training": {
        "data",
        "distributions",
        "files",
        "measures",
        "monitoring",
        "networks",
        "objectives",
        "precision",
        "vae",
    },
    "evidence": {
        "data",
        "distributions",
        "inputs",
        "measures",
        "pairs",
        "preconditions",
        "terms",
        "traced",
        "vae",
    },
    "evaluation": {
        "data",
        "distributions",
        "evidence",
        "figure_tables",
        "inputs",
        "measures",
        "pairs",
        "preconditions",
        "terms",
        "traced",
        "vae",
    },
    "diagnosis": {
        "data",
        "distributions",
        "evaluation",
        "evidence",
        "figure_tables",
        "inputs",
        "measures",
        "pairs",
        "preconditions",
        "training",
        "traced",
        "vae",
    },
    "pictures": {
        "conditions",
        "data",
        "distributions",
        "evaluation",
        "evidence",
        "files",
        "measures",
        "plots",
        "table_pictures",
        "vae",
    },
    "table_pictures": {"data", "evidence", "plots", "vae"},
    "export": {
        "conditions",
        "data",
        "distributions",
        "files",
        "inputs",
        "networks",
        "precision",
        "terms",
        "vae",
    },
    "runs": {
        "conditions",
        "data",
        "diagnosis",
        "distributions",
        "evaluation",
        "evidence",
        "export",
        "files",
        "lazy_names",
        "monitoring",
        "pictures",
        "plots",
        "precision",
        "table_pictures",
        "training",
        "vae",
    },
    "explanations": {
        "data",
        "distributions",
        "evaluation",
        "evidence",
        "figure_tables",
        "lazy_names",
        "loop",
        "measures",
        "objectives",
        "plots",
        "preconditions",
        "runs",
        "terms",
        "traced",
        "training",
        "vae",
    },
    "studies": {
        "data",
        "distributions",
        "evaluation",
        "evidence",
        "figure_tables",
        "files",
        "lazy_names",
        "measures",
        "plots",
        "runs",
        "terms",
        "training",
        "vae",
    },
    "reports": {
        "data",
        "diagnosis",
        "distributions",
        "evaluation",
        "evidence",
        "explanations",
        "figure_tables",
        "files",
        "networks",
        "pictures",
        "plots",
        "runs",
        "vae",
        "version",
    },
    "sklearn": {"data", "training"},
}

# Which of the libraries each part may use; parts that are not named may use any.
MAY_USE = {
    "aliases": set(),
    "conditions": {"numpy"},
    "choices": set(),
    "check_config": set(),
    "presets": set(),
    "pairs": set(),
    "path": {"tensorflow"},
    "resampling": {"tensorflow"},
    "config": set(),
    "errors": set(),
    "progress": set(),
    "version": set(),
    "backend": {"keras"},
    "import_hooks": set(),
    "lazy_names": set(),
    "figure_tables": set(),
    "files": {"filelock", "numpy"},  # numpy for a type, and inside a function
    "sampling": {"keras", "tensorflow"},
    "networks": {"keras"},
    "measures": {"numpy", "scipy", "sklearn"},
    "plots": {"numpy", "scipy", "matplotlib"},
}
LIBRARIES = {
    "keras", "tensorflow", "tensorflow_probability", "numpy", "scipy", "sklearn", "matplotlib",
    "click", "rich", "mlxtend", "PIL", "filelock", "pandas",
}  # fmt: skip


def imports(path):
    """Every module that a file imports, at any depth, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts(folder):
    """(part, file) of each file: `keras_vae/data/load.py` is of the part `data`."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).parts[0].removesuffix(".py"), path


def test_imports_run_only_downwards():
    wrong = []
    for part, path in parts(PACKAGE):
        if part == "__init__":
            continue
        allowed = {part, "choices", "config", "errors", "aliases", "progress"} | MAY_IMPORT[part]
        for module in imports(path):
            if module.startswith("keras_vae.") and module.split(".")[1] not in allowed:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_each_part_uses_only_its_libraries():
    wrong = []
    for part, path in parts(PACKAGE):
        used = {module.split(".")[0] for module in imports(path)} & LIBRARIES
        if not used <= MAY_USE.get(part, LIBRARIES):
            wrong.append(f"{path.relative_to(ROOT)} uses {sorted(used)}")
    assert wrong == []


def test_tables_are_read_without_tensorflow():
    for path in (PACKAGE / "data" / "tables").glob("*.py"):
        used = set(imports(path))
        assert {module.split(".")[0] for module in used} & LIBRARIES <= {"numpy", "pandas"}
        own = {module for module in used if module.startswith("keras_vae.")}
        parts = (
            "aliases", "conditions", "errors", "files.disk", "files.paths", "data.tables",
            "data.sources.own_splits",
        )  # fmt: skip
        assert all(m.startswith(tuple(f"keras_vae.{part}" for part in parts)) for m in own)


@pytest.mark.parametrize("forbidden", ["tf_keras", "keras.src", "tensorflow_probability.layers"])
def test_what_keras_3_cannot_use_is_not_imported(forbidden):
    files = [path for folder in ("keras_vae", "cli") for path in (ROOT / folder).rglob("*.py")]
    assert not [path for path in files if any(m.startswith(forbidden) for m in imports(path))]
    assert not [path for path in files if "tfp.layers" in path.read_text()]


def test_only_the_distributions_make_a_normal_posterior_or_a_standard_normal_prior():
    """Everything else asks the model's own parts, whatever they are; draws of NumPy are another
    matter."""
    files = [path for part, path in parts(PACKAGE) if part != "distributions"]
    made = re.compile(r"normal_posterior\(|StandardNormal\(|(?<![\w.])standard_normal\(")
    # for a model that is not a VAE, of which only the encoder is known
    assert [path.name for path in files if made.search(path.read_text())] == ["latent_rates.py"]


def test_every_graph_is_traced_without_autograph():
    """Bare, it reads the source of all that is called: `traced` keeps the next one from it."""
    files = [path for folder in ("keras_vae", "cli") for path in (ROOT / folder).rglob("*.py")]
    bare = [path.name for path in files if re.search(r"(?<!`)tf\.function\b", path.read_text())]
    assert bare == ["traced.py"]


POSIX_MODULES = {"fcntl", "resource", "termios", "pwd", "grp", "pty", "posix"}
POSIX_NAMES = {
    "fork", "forkpty", "preadv", "pwritev", "pread", "pwrite", "killpg", "getuid", "geteuid",
    "mkfifo", "sched_getaffinity", "SIGKILL", "SIGHUP", "SIGALRM", "alarm", "setitimer",
    "O_DIRECTORY",
}  # fmt: skip


def test_nothing_is_used_that_windows_lacks():
    wrong = []
    for path in (path for folder in ("keras_vae", "cli") for path in (ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        modules = {module.split(".")[0] for module in imports(path)}
        wrong += [(path.name, found) for found in names & POSIX_NAMES | modules & POSIX_MODULES]
    assert wrong == []


# Imported inside commands themselves.
TABLES = (
    "terminal.py",
    "answer_pages.py",
    "diagnosis_tables.py",
    "evidence_tables.py",
    "serving_tables.py",
    "schema_table.py",
    "score_table.py",
)


def test_the_command_line_imports_the_library_only_inside_functions():
    for path in (ROOT / "cli").glob("*.py"):
        if path.name in TABLES:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "level", 0) == 0:
                names = [alias.name for alias in node.names]
                modules = names if isinstance(node, ast.Import) else [node.module]
                assert not {module.split(".")[0] for module in modules} & (
                    LIBRARIES - {"click"} | {"keras_vae"}
                )


def test_every_source_file_has_its_test_file():
    untested = []
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_name(f"test_{path.name}")
        if path.stem != "__init__" and not (ROOT / "tests" / name).exists():
            untested.append(str(path.relative_to(ROOT)))
    # Records and names without behaviour, tested through every loader and every rule.
    assert sorted(untested) == [
        "keras_vae/aliases.py",
        "keras_vae/choices.py",
        "keras_vae/data/sources/source.py",
        "keras_vae/diagnosis/subjects/subject.py",
    ]


LARGEST_FILE = 12 * 1024  # bytes: what a reader takes in at once; a larger one is two concepts


def test_no_source_file_is_too_large_to_be_one_concept():
    files = [path for folder in ("keras_vae", "cli") for path in (ROOT / folder).rglob("*.py")]
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in files}
    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE} == {}
