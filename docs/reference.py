"""Writes the pages that the package knows better than a person: commands, parts, the Python API.

They are made in each build, from the objects of the command line and from docstrings, and not kept:
    generated/commands/NAME.md     what `kvae NAME --help` says; made without TensorFlow
    generated/parts/NAME.md        a likelihood, prior, posterior, objective or network
    generated/api/NAME.md          a package of keras_vae
"""

import importlib
import inspect
import re
from itertools import chain

import click
from keras_vae_cli.main import kvae

# The packages that are for users, in the order in which they are used.
PACKAGES = (
    "keras_vae",
    "keras_vae.data",
    "keras_vae.networks",
    "keras_vae.distributions",
    "keras_vae.objectives",
    "keras_vae.presets",
    "keras_vae.monitoring",
    "keras_vae.training",
    "keras_vae.evaluation",
    "keras_vae.evidence",
    "keras_vae.measures",
    "keras_vae.diagnosis",
    "keras_vae.plots",
    "keras_vae.export",
    "keras_vae.runs",
    "keras_vae.sklearn",
)
COMMANDS = """\
`kvae COMMAND --help` prints in the terminal what these pages say.

Exit codes: 0 done, 1 a mistake that the message names, 2 a wrong option, 3 and 4 what `diagnose`
found (3: warnings, with `--strict`; 4: errors), 130 Ctrl-C: during training the best checkpoint so
far is kept, and the message says so. `info`, `evaluate`, `diagnose`, `plot`, `fit`, `export` and
`check-export` print one JSON object with `--json`.
"""
PARTS = """\
What a VAE can be made of, by the names that `keras_vae.VAE` takes and, where it offers them,
`kvae fit`. [Likelihoods](../../likelihoods.md) says which likelihood is for which data, and
[your own networks](../../networks.md) how a part of your own takes the place of one.
"""
API = """\
What is public, by package: `import keras_vae as kv`, then `kv.VAE`, `kv.evidence.exact_evidence`.
A part is loaded when it is first asked for.
"""


def write_pages(folder):
    """Writes all pages into `folder`, and leaves those alone whose text is as it was."""
    pages = {**command_pages(), **part_pages(), **api_pages()}
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()  # of a command or a part that is gone


def command_pages():
    """A page for each command of `kvae`, and one that lists them."""
    with click.Context(kvae, info_name="kvae") as context:
        commands = {name: kvae.get_command(context, name) for name in kvae.list_commands(context)}
        pages = {
            f"commands/{name}.md": _command_page(name, command, context)
            for name, command in commands.items()
        }
    lines = [
        f"| [`kvae {name}`]({name}.md) | {_plain(command.get_short_help_str(200), '|')} |"
        for name, command in commands.items()
    ]
    listed = "\n".join(["| command | |", "|---|---|", *lines])
    return pages | {"commands/index.md": _index("Commands", COMMANDS + "\n" + listed, commands)}


def _command_page(name, command, parent):
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = context.get_usage().removeprefix("Usage: ")
        options = [param.get_help_record(context) for param in command.get_params(context)]
    about = inspect.cleandoc(command.help).partition("\f")[0]
    listed = [f"`{names}`\n: {_plain(text)}\n" for names, text in filter(None, options)]
    return "\n".join(
        [f"# kvae {name}\n", _plain(about), f"\n```text\n{usage}\n```\n\n## Options\n", *listed]
    )


def part_pages():
    """A page for each likelihood, prior, posterior, objective and network, and one of all."""
    from keras_vae import distributions, networks, objectives

    tables = {
        "Likelihoods p(x|z)": {**distributions.LIKELIHOODS, "columns": distributions.Columns},
        "Priors p(z)": distributions.PRIORS,
        "Posteriors q(z|x)": distributions.POSTERIORS,
        "Objectives": objectives.OBJECTIVES,
        "Networks": networks.ENCODERS,
    }
    pages, listed = {}, []
    for title, table in tables.items():
        listed += [f"\n## {title}\n\n| name | |\n|---|---|"]
        for name, part in table.items():
            of_part = [part, networks.DECODERS[name]] if title == "Networks" else [part]
            documented = "\n".join(map(_documented, of_part))
            pages[f"parts/{name}.md"] = (
                f"# `{name}`\n\nOne of the [{title.lower()}](index.md).\n\n{documented}"
            )
            listed += [f"| [`{name}`]({name}.md) | {_plain(_first_line(part), '|')} |"]
    names = list(chain.from_iterable(tables.values()))
    return pages | {"parts/index.md": _index("Parts", PARTS + "\n".join(listed), names)}


def api_pages():
    """A page for each package; an object of two packages is described in the first."""
    places = dict(_objects_of_parts())
    pages, listed = {}, ["| package | |", "|---|---|"]
    for package in PACKAGES:
        module = importlib.import_module(package)
        objects = {name: getattr(module, name) for name in module.__all__}
        described = {
            n: o for n, o in objects.items() if inspect.isclass(o) or inspect.isfunction(o)
        }
        new = [name for name, o in described.items() if id(o) not in places]
        elsewhere = [
            f"- `{name}`: [{places[id(o)]}]({places[id(o)]}.md)"
            for name, o in described.items()
            if id(o) in places
        ]
        places.update({id(described[name]): package for name in new})
        pages[f"api/{package}.md"] = "\n".join(
            [
                f"# {package}\n",
                f"```{{eval-rst}}\n.. automodule:: {package}\n```\n",
                *(_documented(described[name], f"{package}.{name}") for name in new),
                *(["## Described on other pages\n", *elsewhere] if elsewhere else []),
            ]
        )
        listed += [f"| [`{package}`]({package}.md) | {_plain(_first_line(module), '|')} |"]
    return pages | {"api/index.md": _index("Python", API + "\n" + "\n".join(listed), PACKAGES)}


def _objects_of_parts():
    """id of each object that has a page of its own among the parts -> that page."""
    from keras_vae import distributions, networks, objectives

    likelihoods = {**distributions.LIKELIHOODS, "columns": distributions.Columns}
    tables = (likelihoods, distributions.PRIORS, distributions.POSTERIORS, objectives.OBJECTIVES)
    for table in (*tables, networks.ENCODERS, networks.DECODERS):
        yield from ((id(part), f"../parts/{name}") for name, part in table.items())


def _documented(thing, name=None):
    """The directive by which Sphinx describes a class or a function."""
    name = name or f"{thing.__module__}.{thing.__qualname__}"
    kind = "autoclass" if inspect.isclass(thing) else "autofunction"
    members = "   :members:\n" if inspect.isclass(thing) else ""
    return f"```{{eval-rst}}\n.. {kind}:: {name}\n{members}```\n"


def _first_line(thing):
    return inspect.getdoc(thing).partition("\n\n")[0].replace("\n", " ")


def _index(title, text, names):
    listed = "\n".join(names)
    return f"# {title}\n\n{text}\n\n```{{toctree}}\n:hidden:\n{listed}\n```\n"


def _plain(text, also=""):
    """Text that Markdown shows as it is; `code` stays code."""
    parts = text.split("`")
    parts[::2] = [re.sub(rf"([\\*_<>\[\]{also}])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
