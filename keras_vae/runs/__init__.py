"""A run from end to end, and the folder that it leaves."""

from keras_vae.runs.diagnosis import diagnose_run, diagnosis_record, dry_run
from keras_vae.runs.latents import read_latents
from keras_vae.runs.other_models import diagnose_adapted, diagnose_keras_file
from keras_vae.runs.outputs import write_output
from keras_vae.runs.pipeline import fit
from keras_vae.runs.rows import encode_rows, reconstruct_rows
from keras_vae.runs.run import Run, load_run
from keras_vae.runs.start import unfinished_config
from keras_vae.runs.tables import encode_table, imputation_table, sample_table, score_table

__all__ = [
    "Run",
    "diagnose_adapted",
    "diagnose_keras_file",
    "diagnose_run",
    "diagnosis_record",
    "dry_run",
    "encode_rows",
    "encode_table",
    "fit",
    "imputation_table",
    "load_run",
    "read_latents",
    "reconstruct_rows",
    "sample_table",
    "score_table",
    "unfinished_config",
    "write_output",
]
