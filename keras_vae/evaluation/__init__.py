"""A model and data -> a report with its protocol: figures, evidence, and the same in training."""

from keras_vae.evaluation.baseline import independent_log_evidence, log_evidence_without_z
from keras_vae.evaluation.code_accuracy import CodeAccuracy, Representation, code_accuracy
from keras_vae.evaluation.evaluate import Evaluation, evaluate
from keras_vae.evaluation.impute import Imputation, impute
from keras_vae.evaluation.report import EvidenceReport, evidence_report
from keras_vae.evaluation.score import Scores, score
from keras_vae.evaluation.track import TrackEvidence

__all__ = [
    "CodeAccuracy",
    "Evaluation",
    "EvidenceReport",
    "Imputation",
    "Representation",
    "Scores",
    "TrackEvidence",
    "code_accuracy",
    "evaluate",
    "evidence_report",
    "impute",
    "independent_log_evidence",
    "log_evidence_without_z",
    "score",
]
