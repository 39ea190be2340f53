"""Options that several commands share."""

import contextlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from .candidates import ModelFolder, data_names

model_argument = click.argument("model", type=ModelFolder())


def _one_way_to_print(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    """Of --json and --quiet one, as the callback of both; --quiet sends stdout nowhere."""
    if value and ctx.meta.setdefault(PRINTING, param.name) != param.name:
        raise click.UsageError("--json prints the result, --quiet prints nothing; leave one out")
    if value and param.name == "quiet":
        ctx.with_resource(contextlib.redirect_stdout(io.StringIO()))
    return value


PRINTING = "keras_vae.printing"  # which of the two was given


def is_quiet() -> bool:
    """Whether the command that runs was told to be quiet."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and ctx.meta.get(PRINTING) == "quiet"


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_one_way_to_print,
    help="Print one JSON object on stdout and nothing else.",
)

quiet_option = click.option(
    "--quiet",
    "-q",
    is_flag=True,
    callback=_one_way_to_print,
    expose_value=False,
    help="Print nothing but warnings and errors, and no progress.",
)

data_option = click.option(
    "--data",
    shell_complete=data_names,
    help="Name or path of other data of the same shape.  [default: the model's own]",
)

Function = TypeVar("Function", bound=Callable[..., Any])

READING = (
    click.option(
        "--size",
        type=click.IntRange(min=1),
        metavar="PIXELS",
        help="Cut the images of a folder to their middle square, and resize them to PIXELS x "
        "PIXELS.  [default: they are of one size]",
    ),
    click.option("--gray", is_flag=True, help="Read the colour images of a folder as gray."),
    click.option(
        "--alpha",
        type=click.Choice(["black", "white", "keep"]),
        help="How to treat transparent pixels in a folder of images: black or white behind them, "
        "or alpha kept as a channel.  [default: refused]",
    ),
    click.option(
        "--channels",
        type=click.Choice(["first", "last"]),
        help="Which axis of an array holds the channels, if its shape can be read both ways.",
    ),
)

TABLES = (".csv", ".tsv", ".parquet")  # endings of files of rows


def with_options(command: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    """The command with options, which its help shows in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def reading_options(command: Function) -> Function:
    """How data are read, as `Config.reading` has it."""
    return with_options(command, READING)


TABLE = (
    click.option(
        "--columns",
        metavar="FILE",
        help="Of a table: a .toml, as kvae schema writes it, that corrects the kinds of columns.",
    ),
    click.option(
        "--label-column",
        metavar="NAME",
        help="Of a table: the column of the classes; no input. Of a .h5ad: a column of obs.",
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="NAME",
        help="Of a table: a column to leave out; may be given again.",
    ),
    click.option(
        "--split-column",
        metavar="NAME",
        help="Of a table: the column that says train, validation or test.",
    ),
    click.option(
        "--split-by",
        metavar="NAME",
        help="Of a table: the column of groups, such as patients, whose rows stay in one split.",
    ),
    click.option(
        "--split-order",
        metavar="NAME",
        help="Of a table: the column of times; the last tenth of the rows is the test split, the "
        "tenth before it the validation split.",
    ),
)


SERIES = (
    click.option(
        "--window",
        type=click.IntRange(min=1),
        metavar="ROWS",
        help="Of a series: how many rows an example has. Of a table in the order of --split-order, "
        "which splits them unless --split-by names several series; of a .npy or .npz as they come. "
        "Cut after the split.",
    ),
    click.option(
        "--stride",
        type=click.IntRange(min=1),
        metavar="ROWS",
        help="Rows from the start of a window to that of the next.  [default: --window]",
    ),
)


def series_options(command: Function) -> Function:
    """How windows of a series are cut, as `Config.reading` has it."""
    return with_options(command, SERIES)


def table_options(command: Function) -> Function:
    """How the columns of a table are read, as `Config.reading` has it."""
    return with_options(command, TABLE)


def _between_commas(
    ctx: click.Context, param: click.Parameter, value: Sequence[str]
) -> tuple[str, ...]:
    """('age,sex', 'labels') -> ('age', 'sex', 'labels'), as the callback of an option."""
    names = [name.strip() for each in value for name in each.split(",")]
    if not all(names):
        raise click.BadParameter(f"{' '.join(value)!r}: expected names such as age,sex")
    return tuple(names)


told_option = click.option(
    "--condition",
    callback=_between_commas,
    multiple=True,
    metavar="labels|COLUMN,...",
    help="What encoder and decoder see beside x and z: the label of each example; columns of a "
    "table, which leave x; columns of obs.",
)

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="saved_models",
    show_default=True,
    help="Folder that holds the models.",
)


def is_given(ctx: click.Context, option: str) -> bool:
    """Whether an option stands on the command line, and is not its default."""
    return ctx.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


SPLITS = ("train", "validation", "test")

split_option = click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="test",
    show_default=True,
    help="Which part of the data.",
)

split_or_all_option = click.option(
    "--split",
    type=click.Choice([*SPLITS, "all"]),
    default="test",
    show_default=True,
    help="Which part of the data; all: every row, in the order of the source.",
)

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Seed of the random draws; the same seed gives the same output.",
)


def whole_numbers(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """'512,256' -> (512, 256), as the callback of an option."""
    if value is None:
        return None
    try:
        numbers = tuple(int(number) for number in value.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        # what click has in place of a default differs between its versions
        example = param.default if isinstance(param.default, str) else "512,256"
        raise click.BadParameter(f"{value!r}: expected whole numbers above 0, such as {example}")
    return numbers


def count_option(default: int, what: str) -> Callable[[Function], Function]:
    return click.option(
        "--count", type=click.IntRange(min=1), default=default, show_default=True, help=what
    )


def _by_name(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, str]:
    """('label=7', 'sex=f') -> {'label': '7', 'sex': 'f'}, as the callback of an option."""
    wrong = [each for each in value if not all(each.partition("="))]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r}: expected NAME=VALUE, such as label=7")
    named = dict(each.split("=", 1) for each in value)
    if len(named) < len(value):
        raise click.BadParameter(f"{' '.join(value)!r}: expected each name once")
    return named


condition_option = click.option(
    "--condition",
    callback=_by_name,
    multiple=True,
    metavar="NAME=VALUE",
    help="What a conditional model is told, such as label=7; once for each of its conditions.",
)


def given_words(condition: dict[str, str]) -> str:
    """What a picture says of the condition: 'given label=7'."""
    told = ", ".join(f"{name}={value}" for name, value in condition.items())
    return f"given {told}" if told else ""


def output_option(
    default: str, endings: str = ".npz, .csv, .tsv or .parquet for numbers, .png for a picture"
) -> Callable[[Function], Function]:
    return click.option(
        "--output",
        type=click.Path(path_type=Path),
        default=default,
        show_default=True,
        help=f"File to write: {endings}.",
    )


def examples_option(stem: str) -> Callable[[Function], Function]:
    """Where examples go, which are rows if the model is one of a table: `stem.png`, `stem.csv`."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path),
        help="File to write: .npz, .csv, .tsv or .parquet for numbers, .png for a picture; of a "
        f"table .csv, .tsv or .parquet for rows.  [default: {stem}.png; of a table {stem}.csv]",
    )
