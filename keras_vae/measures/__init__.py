"""Arrays -> numbers, by NumPy, SciPy and scikit-learn: nothing here knows a model."""

from keras_vae.measures.active_units import active_units
from keras_vae.measures.bits_per_dim import bits_per_dim
from keras_vae.measures.class_accuracy import (
    CLASS_NEIGHBOURS,
    ClassAccuracy,
    linear_accuracy,
    neighbour_accuracy,
)
from keras_vae.measures.cluster_shares import ClusterShares, cluster_shares
from keras_vae.measures.collapse_threshold import collapse_threshold
from keras_vae.measures.dealt_by_chance import Chance, dealt_by_chance
from keras_vae.measures.duplicates import (
    duplicate_fraction,
    duplicates_by_chance,
    one_entry_apart,
)
from keras_vae.measures.elbo_surgery import ElboSurgery, elbo_surgery
from keras_vae.measures.implied_beta import ImpliedBeta, implied_beta
from keras_vae.measures.input_directions import input_directions
from keras_vae.measures.learning_curve import (
    gain_per_doubling,
    jump_by_noise,
    jump_noise,
    largest_jump,
)
from keras_vae.measures.left_open import left_open
from keras_vae.measures.mixture_gain import mixture_gain
from keras_vae.measures.mode_posterior import mode_posterior
from keras_vae.measures.near_copies import NearCopies, near_copies
from keras_vae.measures.neighbour_purity import (
    nearest_neighbours,
    neighbour_distance,
    neighbour_purity,
    shuffled_purity,
)
from keras_vae.measures.noise_audit import NoiseAudit, noise_audit
from keras_vae.measures.overlaps import overlap_fraction
from keras_vae.measures.paired_difference import (
    PairedDifference,
    paired_difference,
    seed_spread,
)
from keras_vae.measures.pareto_k import pareto_k, pareto_k_threshold, tail_size
from keras_vae.measures.principal_directions import principal_directions
from keras_vae.measures.refined_posterior import (
    RefinedElbo,
    RefinedPosterior,
    refined_elbo,
    refined_posterior,
)
from keras_vae.measures.reported_terms import RATE_FORMULAS, ReportedTerms, reported_terms
from keras_vae.measures.shuffle_gap import shuffle_gap
from keras_vae.measures.split_shift import SplitShift, split_shift, split_shift_by_chance
from keras_vae.measures.standard_error import standard_error
from keras_vae.measures.total_correlation import total_correlation
from keras_vae.measures.two_sample import TwoSample, two_sample
from keras_vae.measures.variance_ratio import variance_ratio

__all__ = [
    "CLASS_NEIGHBOURS",
    "RATE_FORMULAS",
    "Chance",
    "ClassAccuracy",
    "ClusterShares",
    "ElboSurgery",
    "ImpliedBeta",
    "NearCopies",
    "NoiseAudit",
    "PairedDifference",
    "RefinedElbo",
    "RefinedPosterior",
    "ReportedTerms",
    "SplitShift",
    "TwoSample",
    "active_units",
    "bits_per_dim",
    "cluster_shares",
    "collapse_threshold",
    "dealt_by_chance",
    "duplicate_fraction",
    "duplicates_by_chance",
    "elbo_surgery",
    "gain_per_doubling",
    "implied_beta",
    "input_directions",
    "jump_by_noise",
    "jump_noise",
    "largest_jump",
    "left_open",
    "linear_accuracy",
    "mixture_gain",
    "mode_posterior",
    "near_copies",
    "nearest_neighbours",
    "neighbour_accuracy",
    "neighbour_distance",
    "neighbour_purity",
    "noise_audit",
    "one_entry_apart",
    "overlap_fraction",
    "paired_difference",
    "pareto_k",
    "pareto_k_threshold",
    "principal_directions",
    "refined_elbo",
    "refined_posterior",
    "reported_terms",
    "seed_spread",
    "shuffle_gap",
    "shuffled_purity",
    "split_shift",
    "split_shift_by_chance",
    "standard_error",
    "tail_size",
    "total_correlation",
    "two_sample",
    "variance_ratio",
]
