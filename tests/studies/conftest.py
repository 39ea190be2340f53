"""Three models that are compared: two seeds of one configuration, and another."""

import pytest


@pytest.fixture(scope="session")
def compared(quick_run):
    """`Run`s of two seeds with 2 latents, and of one with 4; read only."""
    options = {"data": "digits", "epochs": 1, "learning_rate": 0.01, "batch_size": 128}
    return (
        quick_run("first", **options),
        quick_run("second", **options, seed=1),
        quick_run("wider", **options, latent=4, beta=0.5),
    )
