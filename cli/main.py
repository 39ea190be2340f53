"""The `kvae` command: finds its sub-commands only when they are asked for."""

import importlib
import sys

import click

COMMANDS = (
    "fit",
    "info",
    "evaluate",
    "diagnose",
    "plot",
    "sample",
    "reconstruct",
    "encode",
    "decode",
    "export",
    "check-export",
)


class LazyGroup(click.Group):
    """Imports a command's file when it is called, and reports a user's mistake in one line."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        name = name.replace("-", "_")
        return getattr(importlib.import_module(f".{name}", __package__), name)

    def invoke(self, ctx):
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


def _one_line(error):
    """A wrong option without click's lines of usage, which hide it."""
    path = error.ctx.command_path if error.ctx else "kvae"
    plain = click.ClickException(f"{error.format_message().rstrip('.')}; see {path} --help")
    plain.exit_code = error.exit_code
    return plain


@click.group(cls=LazyGroup)
@click.version_option(package_name="keras_vae")
def kvae():
    """Variational autoencoders that tell the truth about themselves.

    Begin with: kvae fit --latent 2
    """
    # A terminal that cannot show a character shows "?" instead of a traceback.
    sys.stdout.reconfigure(errors="replace")
