"""A VAE -> a numbered SavedModel that a server can load, reload and trust."""

from keras_vae.export.check import check_version, check_versions
from keras_vae.export.export import BATCH_SIZES, SAMPLES, export_version
from keras_vae.export.metadata import read_metadata
from keras_vae.export.signatures import signatures
from keras_vae.files.versions import keep_versions, list_versions

__all__ = [
    "BATCH_SIZES",
    "SAMPLES",
    "check_version",
    "check_versions",
    "export_version",
    "keep_versions",
    "list_versions",
    "read_metadata",
    "signatures",
]
