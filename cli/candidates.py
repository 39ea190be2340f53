"""What a shell may complete where the value is a model's folder, or data.

Loads nothing of the package: a shell waits for it at each TAB.
"""

import glob
import os
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

DATA = ("mnist5k", "mnist", "fashion_mnist", "digits")  # as `Config.data` has them
MARKER = "config.json"  # what a folder is known by that `kvae fit` made


class ModelFolder(click.Path):
    """A folder that `kvae fit` left: TAB offers those that are there, `saved_models/vae`."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        begun = glob.escape(incomplete)
        # the folders of this name, and those one folder down: models lie in saved_models
        folders = (*glob.glob(f"{begun}*"), *glob.glob(f"{begun}*{os.sep}*"))
        models = sorted(folder for folder in folders if Path(folder, MARKER).is_file())
        if models:
            return [CompletionItem(folder) for folder in models]
        return [CompletionItem(incomplete, type="dir")]


def data_names(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem | str]:
    """Names of data that need no file, and files otherwise."""
    names: list[Any] = [name for name in DATA if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]
