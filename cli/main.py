"""The `kvae` command: finds its sub-commands only when they are asked for."""

import importlib
import io
import sys
from typing import Any

import click

COMMANDS = (
    "fit",
    "sweep",
    "schema",
    "info",
    "evaluate",
    "compare",
    "diagnose",
    "explain",
    "plot",
    "report",
    "sample",
    "reconstruct",
    "encode",
    "impute",
    "score",
    "decode",
    "interpolate",
    "export",
    "check-export",
    "completion",
)


class LazyGroup(click.Group):
    """Imports a command's file when it is called, and reports a user's mistake in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f".{name}", __package__), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            message = str(stop) or "interrupted"
            click.echo(f"{message[0].upper()}{message[1:]}.", err=True)
            ctx.exit(130)
        except click.UsageError as error:
            raise _one_line(error) from error
        except Exception as error:
            # Whatever raised it has loaded this module; importing it here would load TensorFlow.
            errors = sys.modules.get("keras_vae.errors")
            if errors is not None and isinstance(error, errors.KerasVAEError):
                raise click.ClickException(str(error)) from error
            raise


class OneLineUsageError(click.ClickException):
    """What click tells in several lines."""

    exit_code = click.UsageError.exit_code


def _one_line(error: click.UsageError) -> click.ClickException:
    """A wrong option without click's lines of usage, which hide it."""
    path = error.ctx.command_path if error.ctx else "kvae"
    return OneLineUsageError(f"{error.format_message().rstrip('.')}; see {path} --help")


@click.group(cls=LazyGroup)
@click.version_option(package_name="keras_vae")
def kvae() -> None:
    """Variational autoencoders that tell the truth about themselves.

    Begin with: kvae fit --latent 2
    """
    # A terminal that cannot show a character shows "?" instead of a traceback.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
