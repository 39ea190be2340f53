"""kvae completion: what a shell asks, so that TAB completes commands, options and their values."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete kvae: commands, options, models, data.

    \b
    bash: eval "$(kvae completion bash)"      in ~/.bashrc
    zsh:  eval "$(kvae completion zsh)"       in ~/.zshrc, after compinit
    fish: kvae completion fish | source       in ~/.config/fish/config.fish
    """
    of_shell = get_completion_class(shell)
    assert of_shell is not None  # click knows the three
    click.echo(of_shell(ctx.find_root().command, {}, "kvae", "_KVAE_COMPLETE").source())
