"""kvae sweep: train the product of some values of some options, and compare them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from .fit import fit
from .model_options import as_preset, preset_option
from .options import is_given, json_option, out_option, quiet_option

# Options of `kvae fit` that are not choices of a training.
OF_FIT_ALONE = (
    "name", "out", "resume", "overwrite", "dry_run", "as_json", "quiet", "preset",
)  # fmt: skip
OF_TRAINING = {
    param.name: param
    for param in fit.params
    if isinstance(param, click.Option) and param.name not in OF_FIT_ALONE
}
LISTS = ("hidden", "condition", "ignore")  # whose values hold commas


def _varied(
    ctx: click.Context, param: click.Parameter, value: Sequence[str]
) -> dict[str, list[Any]]:
    """('beta=0.1,1', 'latent=2,8') -> {'beta': [0.1, 1.0], 'latent': [2, 8]}, as a callback."""
    varied: dict[str, list[Any]] = {}
    for each in value:
        option, is_given, texts = each.partition("=")
        name = option.strip().removeprefix("--").replace("-", "_")
        if not is_given:
            raise click.BadParameter(f"{each!r}: expected OPTION=VALUE,VALUE, such as beta=0.5,1")
        if name not in OF_TRAINING:
            near = difflib.get_close_matches(name, OF_TRAINING, 1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(OF_TRAINING)}"
            raise click.BadParameter(f"{option!r} is not an option of kvae fit; {hint}")
        if name in varied:
            raise click.BadParameter(f"{option!r} is varied twice; give all of its values at once")
        varied[name] = [_typed(ctx, OF_TRAINING[name], text) for text in texts.split(",")]
    return varied


def _typed(ctx: click.Context, option: click.Option, text: str) -> Any:
    """One value of an option of `kvae fit`, read as that command reads it."""
    name, text = str(option.name), text.strip()
    try:
        if name in LISTS:
            words = text.replace("+", ",")
            given: Any = (words,) if option.multiple else words
            if name == "ignore":
                return tuple(text.split("+"))
            return option.process_value(ctx, given)
        kind = click.BOOL if option.is_flag else option.type
        return kind.convert(text, option, ctx)
    except click.BadParameter as error:
        raise click.BadParameter(f"{name}={text}: {error.message}") from error


def options_of_training(command: Callable[..., Any]) -> Callable[..., Any]:
    """Every option of `kvae fit` that is a choice of a training, as it stands there."""
    for option in reversed(OF_TRAINING.values()):
        vars(command).setdefault("__click_params__", []).append(option)
    return command


@click.command()
@click.option(
    "--vary",
    callback=_varied,
    multiple=True,
    metavar="OPTION=VALUE,VALUE",
    help="An option of kvae fit and the values that it takes; may be given again, for the product "
    "of all. Within a value that is a list, + stands for the comma: hidden=512+256,64+32.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Runs of each configuration: with --seed and the seeds after it.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Runs at once, which share the cores.  [default: one a core; with a GPU 1]",
)
@preset_option
@click.option("--name", default="sweep", show_default=True, help="Name of the sweep's folder.")
@out_option
@click.option(
    "--k",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Number of samples of the importance-weighted bound L_K.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    help="Number of test examples that L_K is of.",
)
@quiet_option
@json_option
@options_of_training
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    vary: dict[str, list[Any]],
    seeds: int,
    jobs: int | None,
    preset: str | None,
    name: str,
    out: Path,
    k: int,
    examples: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Train every combination of some options, each run in a process of its own.

    OUT/NAME gets a folder for each run, a table and two pictures. The same command goes on where it
    was stopped or killed. Takes the options of kvae fit, too.

    Example: kvae sweep --vary beta=0.5,1,2 --vary latent=2,8 --seeds 3
    """
    from .terminal import echo_json, echo_table, next_step, runs_progress, warn

    both = [each for each in vary if is_given(ctx, each)]
    if both:
        raise click.UsageError(f"--vary {both[0]} and --{both[0].replace('_', '-')}: choose one")
    import keras_vae as kv

    given = [option for option in options if is_given(ctx, option)]
    config = kv.Config(**as_preset(preset, options, given))
    kv.studies.check_sweep(config, vary, seeds, out, name, k, examples)
    with runs_progress() as progress:
        found = kv.sweep(config, vary, seeds, out, name, jobs, k, examples, warn, progress)
    if as_json:
        echo_json({"sweep": str(found.path), **found.to_dict()})
    else:
        echo_table(found.table)
        click.echo(f"Runs, table and pictures: {found.path}")
        best = [str(found.path / run) for row in found.ranked()[:2] for run in row.runs]
        if len(best) > 1:
            next_step("compare", *best)
    if found.failed:
        ctx.exit(1)
