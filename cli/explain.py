"""kvae explain: what learners ask of VAEs, answered with a model's own numbers."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import data_option, json_option, model_argument, seed_option

NAMES = (
    "autoencoder", "classes", "batch", "neighbours", "collapse", "beta", "prior", "likelihood",
    "posterior", "hypothesis", "evidence", "bayes", "formula", "bound", "derivation", "x",
    "training", "draws",
)  # fmt: skip


def echo_list(ctx: click.Context, param: click.Parameter, is_asked: bool) -> None:
    """Prints the name of each question, and ends the command."""
    if not is_asked or ctx.resilient_parsing:
        return
    from keras_vae.explanations import QUESTIONS

    for name, question in QUESTIONS.items():
        click.echo(f"{name:12} {question}")
    ctx.exit()


@click.command()
@model_argument
@click.argument("questions", nargs=-1, type=click.Choice(NAMES), metavar="[QUESTION]...")
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=echo_list,
    help="Print the name of each QUESTION, and exit.",
)
@data_option
@click.option(
    "--example",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the test example that the answers follow through.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Folder for the pictures, one for each question.  [default: none are drawn]",
)
@seed_option
@json_option
def explain(
    model: Path,
    questions: tuple[str, ...],
    data: str | None,
    example: int,
    output_dir: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Answer what learners ask of VAEs, with the numbers of MODEL.

    MODEL is the folder that kvae fit left. QUESTION is one or more of autoencoder, classes, batch,
    neighbours, collapse, beta, prior, likelihood, posterior, hypothesis, evidence, bayes, formula,
    bound, derivation, x, training, draws; all of them if left out. Some answers train small models
    for comparison, which takes about a minute in all.

    Example: kvae explain saved_models/vae posterior
    """
    import keras_vae as kv

    from .answer_pages import echo_answer, echo_protocol
    from .terminal import echo_json, next_step, stages

    record = kv.files.read_run(model)
    record.check_data(data)
    if output_dir is not None:
        kv.files.check_folder(output_dir, "choose another --output-dir")
    load_keras_vae()
    run = kv.load_run(record)
    with stages() as progress:
        answers = kv.explain(run, data, questions or None, example, seed, progress)
        paths = {}
        if output_dir is not None:
            progress("pictures")
            paths = kv.explanations.draw_answers(answers, output_dir)
    if as_json:
        pictures = {name: str(path) for name, path in paths.items()}
        told = [{**each.to_dict(), "picture": pictures.get(each.name)} for each in answers]
        echo_json({"model": str(model), "answers": told})
        return
    for answer in answers:
        echo_answer(answer, paths.get(answer.name))
    echo_protocol(answers)
    next_step("diagnose", model)
