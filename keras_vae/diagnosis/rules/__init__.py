"""The rules, in the order of the decisions: correctness before weighting, weighting before the
state of training, and what the latents do last, because everything else explains it."""

from keras_vae.diagnosis.rules import (
    classes,
    columns,
    data,
    gain,
    inference,
    latents,
    noise,
    outputs,
    sigma,
    splits,
    terms,
    training,
    weighting,
)

__all__ = ["CHEAP", "STAGES"]

# Name of a stage -> rules. A finding may follow from one of an earlier stage.
STAGES = {
    "data": (
        data.nonfinite_data,
        data.data_out_of_range,
        data.gray_data_under_bernoulli,
        outputs.output_misses_data,
        outputs.output_wider_than_data,
        splits.splits_binarized_differently,
        splits.splits_scaled_differently,
        splits.duplicates_across_splits,
        data.lattice_data_under_density,
        data.binary_data_under_density,
        splits.splits_differ,
        columns.identifier_as_number,
        columns.count_under_gaussian,
        columns.constant_column,
        classes.rare_category,
        classes.label_leaks,
    ),
    "correctness": (
        training.nonfinite_loss,
        training.loss_jumps,
        noise.encoder_is_random,
        noise.noise_missing,
        noise.noise_scale_wrong,
        noise.noise_repeated,
        noise.noise_shared_by_batch,
        terms.rate_formula_wrong,
        terms.loss_drops_a_term,
        terms.half_precision_terms,
        training.training_mode_differs,
        terms.bound_estimator_wrong,
        training.export_drift,
        latents.generator_differs,
    ),
    "weighting": (
        terms.distortion_averaged,
        terms.rate_averaged,
        weighting.warmup_unfinished,
        terms.objectives_differ,
        sigma.sigma_too_large,
        sigma.sigma_too_small,
        sigma.decoded_variance_at_floor,
        columns.column_dominates,
        weighting.kl_overweighted,
        weighting.kl_underweighted,
    ),
    "training": (
        training.encoder_constant,
        training.decoder_constant,
        training.latent_blow_up,
        training.lagging_encoder,
        training.undertrained,
        training.encoder_unsettled,
        training.objective_is_importance_weighted,
    ),
    "inference": (
        inference.overfitting,
        inference.encoder_overfitting,
        inference.encoder_too_narrow,
        inference.amortization_gap,
        inference.approximation_gap,
        latents.prior_hole,
    ),
    "latents": (
        latents.decoder_ignores_z,
        latents.collapsed,
        latents.spare_latents,
        latents.more_latents_would_pay,
        gain.worse_than_without_z,
    ),
}

# What needs neither training nor many draws, and so runs at the end of every `kvae fit`.
SLOW = (
    splits.splits_differ,
    terms.bound_estimator_wrong,
    training.export_drift,
    latents.generator_differs,
    training.lagging_encoder,
    training.undertrained,
    inference.encoder_overfitting,
    inference.encoder_too_narrow,
    inference.amortization_gap,
    inference.approximation_gap,
    training.objective_is_importance_weighted,
    latents.prior_hole,
)
CHEAP = tuple(rule for rules in STAGES.values() for rule in rules if rule not in SLOW)
