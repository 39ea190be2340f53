"""`python -m keras_vae_cli`, the same as `kvae`."""

from .main import kvae

kvae(prog_name="kvae")
