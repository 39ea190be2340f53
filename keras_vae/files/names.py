"""The names that a user gives of what is no file, checked before anything slow is loaded."""

from collections.abc import Iterable

from keras_vae.errors import ConfigError, RunError

__all__ = ["adapter_names", "picture_names"]


def adapter_names(adapter: str) -> tuple[str, str]:
    """Names of the module and of the function in "module:function".

    Raises:
        ConfigError: if it is written in another way.
    """
    module, _, function = adapter.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), function]):
        raise ConfigError(f"--adapter {adapter!r}: expected module:function, such as my_vae:adapt")
    return module, function


def picture_names(
    latent_dim: int, has_history: bool, has_evidence: bool, only: Iterable[str] | None = None
) -> list[str]:
    """Names of the pictures of a model.

    Args:
        latent_dim: number of latents.
        has_history, has_evidence: whether it is known how training went.
        only: those that are asked for; all that apply if None.

    Raises:
        RunError: if one of them does not apply.
    """
    names = ["latent_map", "reconstructions", "samples", "interpolation"]
    names += ["history"] * has_history + ["evidence"] * has_evidence
    names.append("manifold" if latent_dim == 2 else "traversals")
    asked = names if only is None else list(only)
    for name in asked:
        if name not in names:
            raise RunError(
                f"no picture {name!r} of a model with {latent_dim} latents; expected one of "
                f"{', '.join(names)}"
            )
    return asked
