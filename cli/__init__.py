"""The command line of keras_vae, installed as keras_vae_cli. One command a file."""
