"""kvae evaluate: the ELBO and its parts, and how far below log p(x) it lies."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import (
    data_option,
    json_option,
    model_argument,
    seed_option,
    split_or_all_option,
    whole_numbers,
)


@click.command()
@model_argument
@data_option
@split_or_all_option
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Draws of z for each example, for the ELBO of the whole split.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    help="Number of examples to estimate log p(x) for; exact with 1 to 3 latents.",
)
@click.option(
    "--k",
    "ks",
    callback=whole_numbers,
    default="1,10,100,1000",
    show_default=True,
    metavar="K,K,...",
    help="Numbers of samples of the importance-weighted bound L_K.",
)
@click.option(
    "--ais",
    is_flag=True,
    help="Also estimate log p(x) of the first 100 examples by annealed importance sampling; "
    "takes minutes.",
)
@click.option(
    "--gaps",
    is_flag=True,
    help="Also split the gap of the first 100 examples into the loss by the encoder and the loss "
    "by the family of q(z|x) loses; takes a minute or more.",
)
@click.option(
    "--codes",
    is_flag=True,
    help="Also say how well the classes of held-out examples are told from the codes, from as "
    "many principal components of x, and from x itself; needs labels.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Folder for the pictures.  [default: MODEL/plots; none for other data or splits]",
)
@seed_option
@json_option
def evaluate(
    model: Path,
    data: str | None,
    split: str,
    samples: int,
    examples: int,
    ks: tuple[int, ...],
    ais: bool,
    gaps: bool,
    codes: bool,
    output_dir: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Say how good MODEL is, and show log p(x) = ELBO + KL(q(z|x) || p(z|x)).

    MODEL is the folder that kvae fit left.

    Example: kvae evaluate saved_models/vae
    """
    if codes and split in ("train", "all"):
        raise click.UsageError("--codes tells held-out examples: --split test or validation")
    import keras_vae as kv

    from .evidence_tables import echo_codes, echo_evidence
    from .terminal import echo_evaluation, echo_json, next_step, stages, told_part, warn

    record = kv.files.read_run(model)
    record.check_data(data)
    load_keras_vae()
    run = kv.load_run(record)
    dataset = run.load_data(data)
    if data is not None:
        told_part(data, dataset, split)
    chosen = run.vae, kv.data.unsplit(dataset) if split == "all" else dataset, None, split
    told = None
    with stages() as progress:
        if codes:  # first, because data without labels end here
            progress("classes told from the codes")
            told = kv.evaluation.code_accuracy(run.vae, dataset, split=split, seed=seed).to_dict()
        progress("ELBO")
        metrics = kv.evaluate(*chosen, samples, seed).to_dict()
        report = kv.evaluation.evidence_report(*chosen, examples, ks, ais, gaps, seed, progress)
        if output_dir is None and data is None and split == "test":
            output_dir = model / "plots"
        paths = []
        if output_dir is not None:
            progress("pictures")
            try:
                paths = kv.draw_evidence(run.vae, report, output_dir)
            except kv.RunError as error:  # the figures are worth more than their pictures
                warn(error)
    figures = report.to_dict()
    if as_json:
        plots = [str(path) for path in paths]
        more = {} if told is None else {"codes": told}
        echo_json({"model": str(model), **metrics, "evidence": figures, **more, "plots": plots})
    else:
        echo_evaluation(metrics)
        echo_evidence(figures, model)
        if told is not None:
            echo_codes(told)
        for path in paths:
            click.echo(path)
        next_step("plot", model)
