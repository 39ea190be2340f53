"""Figures as tables: each with its value, its error and what it means, for a terminal, a notebook
and a page alike."""

from keras_vae.figure_tables.code_accuracy import code_accuracy_table
from keras_vae.figure_tables.diagnosis import diagnosis_table, findings_table
from keras_vae.figure_tables.evaluation import evaluation_table, in_use, what_is_used
from keras_vae.figure_tables.evidence import evidence_tables
from keras_vae.figure_tables.html import html_table, html_tables
from keras_vae.figure_tables.markdown import markdown_tables
from keras_vae.figure_tables.run import run_table
from keras_vae.figure_tables.table import FigureTable, with_error

__all__ = [
    "FigureTable",
    "code_accuracy_table",
    "diagnosis_table",
    "evaluation_table",
    "evidence_tables",
    "findings_table",
    "html_table",
    "html_tables",
    "in_use",
    "markdown_tables",
    "run_table",
    "what_is_used",
    "with_error",
]
