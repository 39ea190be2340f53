"""What is written to disk: whole files, their format, and the versions that wrote them; and what is
read and checked there before TensorFlow is loaded."""

from keras_vae.files.disk import write_text
from keras_vae.files.names import adapter_names, picture_names
from keras_vae.files.paths import (
    check_data,
    check_exists,
    check_folder,
    check_output,
    check_place,
    check_table,
    is_begun,
    is_h5ad,
)
from keras_vae.files.records import RunRecord, read_run
from keras_vae.files.versions import check_free, find_versions

__all__ = [
    "RunRecord",
    "adapter_names",
    "check_data",
    "check_exists",
    "check_folder",
    "check_free",
    "check_output",
    "check_place",
    "check_table",
    "find_versions",
    "is_begun",
    "is_h5ad",
    "picture_names",
    "read_run",
    "write_text",
]
