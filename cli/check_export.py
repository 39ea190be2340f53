"""kvae check-export: is a version complete, and does it answer as the model it was made from?"""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import json_option


@click.command("check-export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def check_export(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Say whether a server can trust the exported version DIR; exit code 1 if not.

    DIR is a version, such as saved_models/vae/1, or a model folder: then every version in it. Every
    file is compared with its hash, and every signature, in a fresh process without Keras, with the
    answers of the model that it was exported from.

    Example: kvae check-export saved_models/vae
    """
    import keras_vae as kv

    from .serving_tables import echo_check
    from .terminal import echo_json, stages

    kv.files.find_versions(folder)
    load_keras_vae()
    with stages() as progress:
        progress("hashes and answers")
        reports = kv.export.check_versions(folder)
    if as_json:
        echo_json({str(path): report for path, report in reports.items()})
    else:
        for path, report in reports.items():
            echo_check(path, report)
    if any(report["faults"] for report in reports.values()):
        ctx.exit(1)
