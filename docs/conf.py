"""How Sphinx makes the site: `make docs`.

The source folder is the whole repository, so that a link between two of its files holds on the site
as it holds where the code is shown, and no page is copied or rewritten. Pages that the package
knows better than a person are written by `reference.py` when a build begins.
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

from docstrings import as_restructured_text  # noqa: E402
from reference import write_pages  # noqa: E402

project = "keras_vae"
author = "the authors of keras_vae"
version = release = re.search(
    r'^__version__ = "(.+)"$',
    (DOCS.parent / "keras_vae" / "version.py").read_text(encoding="utf-8"),
    flags=re.M,
)[1]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "README"
include_patterns = [
    "docs/**",
    "keras_vae/diagnosis/**.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    "findings/README.md",
    "saved_models/README.md",
]
exclude_patterns = [".*", "build", "docs/_*", "**/__pycache__"]

# Markdown: anchors for headings down to ####, `term\n: meaning` for options
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
# Pages with cells are run from the top in each build, and a cell that fails ends it.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_merge_streams = True
nb_execution_show_tb = True
nb_output_stderr = "remove"  # what TensorFlow says of the machine as it starts

# Docstrings: `name` is code, as in Markdown
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # what a base class says stands there
python_maximum_signature_line_length = 88
add_module_names = False
napoleon_numpy_docstring = False
napoleon_use_param = False  # `a, b: ...` describes two
napoleon_custom_sections = [("Attributes", "params_style"), ("Call arguments", "params_style")]
smartquotes = False  # `--option` stays what it is

highlight_language = "none"  # of blocks that name none: commands, formulas

html_theme = "furo"
html_title = f"keras_vae {version}"
html_static_path = ["_site/static"]
html_extra_path = ["_site/index.html"]  # / -> /README.html
html_css_files = ["site.css"]
suppress_warnings = ["misc.highlighting_failure"]  # `...` in JSON: it has no colours then
html_copy_source = False
html_show_sphinx = False


def with_contents(app, docname, source):
    """The README, which is the first page, leads to all others: the site's own lists of them."""
    if docname == root_doc:
        source[0] += (DOCS / "_site" / "contents.md").read_text(encoding="utf-8")


def setup(app):
    """What happens when: pages are written first, docstrings read before napoleon parses them."""
    app.connect("config-inited", lambda app, config: write_pages(DOCS / "generated"))
    app.connect("source-read", with_contents)
    app.connect("autodoc-process-docstring", as_restructured_text, priority=1)
