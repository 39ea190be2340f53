"""kvae diagnose: what is wrong with a model, why, and what to change."""

import sys
from pathlib import Path
from typing import Any

import click

from .finding_pages import explain
from .library import load_keras_vae
from .options import json_option, model_argument, reading_options, seed_option

LIKELIHOODS = (
    "bernoulli_logits",
    "bernoulli_probabilities",
    "continuous_bernoulli_logits",
    "continuous_bernoulli_probabilities",
    "gaussian",
)


class LikelihoodName(click.Choice):  # type: ignore[type-arg]  # generic from click 8.2 on
    """One of `LIKELIHOODS`; a name that leaves open what the decoder outputs is told so."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if f"{value}_logits" in self.choices:
            self.fail(
                f"{value!r} does not say what the decoder outputs: give {value}_probabilities if "
                f"it ends in a sigmoid, else {value}_logits",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


@click.command()
@model_argument
@click.option(
    "--adapter",
    metavar="MODULE:FUNCTION",
    help="For a model of another framework: a function in this directory that gets the Keras model "
    "in MODEL, or its path if Keras cannot load it, and returns the arguments of "
    "keras_vae.diagnose as a dictionary.",
)
@click.option(
    "--data",
    help="Name or path of the data to look at, as for kvae fit; a .keras file needs it.  [default: "
    "the run's own]",
)
@click.option(
    "--likelihood",
    type=LikelihoodName(LIKELIHOODS),
    help="For a .keras file that is not a keras_vae.VAE: p(x|z), and whether its decoder outputs "
    "probabilities (it ends in a sigmoid) or logits.",
)
@click.option(
    "--binarize",
    type=click.Choice(["dynamic", "static", "threshold", "none"]),
    help="For a .keras file: how training made the data binary.  [default: what kvae fit wrote "
    "into it, else none]",
)
@reading_options
@click.option("--cheap", is_flag=True, help="Skip the checks that take more than a few seconds.")
@click.option(
    "--examples",
    type=click.IntRange(min=20),
    default=2000,
    show_default=True,
    help="How many examples of each split to look at.",
)
@click.option("--strict", is_flag=True, help="Exit with 3 if there are warnings.")
@click.option(
    "--explain",
    metavar="NAME",
    callback=explain,
    is_eager=True,
    expose_value=False,
    help="Print what a finding means, how it was measured and how to fix it, or what a word of the "
    "field means, such as rate, and exit.",
)
@seed_option
@json_option
@click.pass_context
def diagnose(
    ctx: click.Context,
    /,
    model: Path,
    adapter: str | None,
    data: str | None,
    likelihood: str | None,
    binarize: str | None,
    cheap: bool,
    examples: int,
    strict: bool,
    seed: int,
    as_json: bool,
    **reading: Any,
) -> None:
    """Say what is wrong with MODEL, why, and what to change.

    MODEL is the folder that kvae fit left, a .keras file with --data, or any other model with
    --adapter. Exit codes: 0 healthy, 3 warnings with --strict, 4 errors.

    Example: kvae diagnose saved_models/vae
    """
    from .diagnosis_tables import echo_diagnosis, exit_code
    from .terminal import echo_json, stages, warn

    is_keras_file = model.suffix == ".keras" and not adapter
    if is_keras_file and not data:
        raise click.UsageError(f"{model} does not contain its data: give --data")
    if adapter and data:
        raise click.UsageError("--data: with --adapter the function gives the data")
    for option, value in {"likelihood": likelihood, "binarize": binarize, **reading}.items():
        if value and not is_keras_file:
            raise click.UsageError(
                f"--{option} is for .keras files; other models define it themselves"
            )
    import keras_vae as kv

    if adapter:
        kv.files.adapter_names(adapter)
        kv.files.check_exists(model)
    elif is_keras_file and data:
        kv.files.check_exists(model)
        kv.files.check_data(data, reading=reading)
    else:
        record = kv.files.read_run(model)
        record.check_data(data)
    load_keras_vae()
    with stages() as progress:
        options = examples, seed, cheap, progress
        if adapter:
            sys.path.insert(0, "")  # the current directory
            diagnosis = kv.runs.diagnose_adapted(model, adapter, *options, warn)
        elif is_keras_file:
            diagnosis = kv.runs.diagnose_keras_file(
                model, data, likelihood, *options, binarize, reading
            )
        else:
            if data is not None:
                click.echo(f"{data} is split as the training data were", err=True)
            diagnosis = kv.runs.diagnose_run(kv.load_run(record), data, *options)
    if as_json:
        echo_json({"model": str(model), **kv.runs.diagnosis_record(diagnosis)})
    else:
        echo_diagnosis(diagnosis, model, is_run=not (adapter or is_keras_file))
    ctx.exit(exit_code(diagnosis, strict))
