"""All measurements: their protocol, and the figures of a report."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import EXACT, binary_subject, linear_subject
from scipy.special import expit

from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error


def test_what_the_subject_does_not_allow_is_none():
    m = Measurements(linear_subject(count=100, training_draw=None, loss_fn=None))
    for name in ("reported", "noise", "generated_bins", "training_mode_terms", "served_drift"):
        assert getattr(m, name) is None, name
    assert m.probe("both") is None


def everything(m):
    """All that can be measured, as numbers."""
    measured = [m.figures, m.baseline, m.worth, m.split_shift, m.split_bins, m.duplicates]
    measured += [m.implied_beta, m.collapse_threshold, m.reported, m.variance_ratio]
    measured += [m.residual_threshold, m.noise, m.generated_bins, m.training_mode_terms]
    measured += [m.served_drift, m.active, m.shuffle_gap, m.prior_auc, m.output_range]
    measured += [m.train_inference, m.inference, m.reported_bound, m.probe("both")]
    return [
        dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
        for value in measured
    ]


def full_subject(count=1300):
    """A subject that allows everything."""
    whole = linear_subject(count=count)
    noise = np.random.default_rng(2)

    def encode(x):
        # what belongs to a user's model may not be written into
        parts = whole.encode(x)
        for part in parts:
            part.setflags(write=False)
        return parts

    def generate(count):
        return whole.decode(noise.standard_normal((count, 3)))

    return dataclasses.replace(
        whole,
        encode=encode,
        training_draw=whole.training_draw,
        loss_fn=whole.loss_fn,
        generate=generate,
        bound=lambda x, k: EXACT.log_evidence(x),
        training_mode=(encode, whole.decode),
        served=(encode, whole.decode),
        probe=lambda part, steps: dataclasses.replace(whole, encode=encode),
    )


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers():
    first, again = (everything(Measurements(full_subject(count=600), seed=5)) for _ in range(2))
    np.testing.assert_equal(first, again)
    draws = [Measurements(linear_subject(count=600), seed=seed).train_terms.z for seed in (5, 6)]
    assert not np.any(draws[0] == draws[1])


def test_the_models_functions_are_given_float32_and_no_more_than_fits_into_memory():
    """500 examples; z as many as decode to 400,000 numbers, at most 4,000: entries are few here."""
    whole = full_subject()
    sizes, dtypes = {}, set()

    def watched(name):
        def function(values, *more):
            sizes[name] = max(sizes.get(name, 0), len(values))
            dtypes.add(values.dtype)
            return getattr(whole, name)(values, *more)

        return function

    encode, decode = watched("encode"), watched("decode")
    of_x = {name: watched(name) for name in ("training_draw", "loss_fn", "bound")}
    both = {"encode": encode, "decode": decode}
    pairs = {"training_mode": (encode, decode), "served": (encode, decode)}
    probed = dataclasses.replace(whole, **both)
    subject = dataclasses.replace(probed, **of_x, **pairs, probe=lambda part, steps: probed)
    everything(Measurements(subject))
    assert dtypes == {np.dtype("float32")}
    assert sizes.pop("decode") == 4000
    assert max(sizes.values()) == 500
    assert sizes.keys() == {"encode", "training_draw", "loss_fn", "bound"}


@pytest.mark.slow
def test_no_data_are_changed():
    subject = full_subject(count=600)
    before = subject.train.copy(), subject.test.copy()
    for x in (subject.train, subject.test):
        x.setflags(write=False)
    everything(Measurements(subject))
    np.testing.assert_array_equal(subject.train, before[0])
    np.testing.assert_array_equal(subject.test, before[1])


def test_the_figures_are_the_measurements(linear):
    figures = linear.figures
    terms = linear.test_terms
    assert figures["split"] == "test"
    assert figures["elbo"] == pytest.approx(-figures["distortion"] - figures["rate"])
    assert figures["elbo"] == pytest.approx(terms.elbo.mean())
    assert figures["elbo_standard_error"] == pytest.approx(standard_error(terms.elbo))
    assert figures["train_elbo"] == pytest.approx(linear.train_terms.elbo.mean())
    assert figures["active_units"] == figures["latent"] == 3
    assert figures["implied_beta"] == linear.implied_beta.beta
    assert figures["collapse_threshold"] == linear.collapse_threshold[0]


def test_an_implied_beta_that_cannot_be_told_is_none():
    m = Measurements(linear_subject(encode=lambda x: (0 * x, 0 * x), count=100))
    assert m.figures["implied_beta"] is None
    assert m.figures["implied_beta_standard_error"] is None


def test_images_are_measured_as_vectors_are():
    vectors = binary_subject(count=200, training_draw=None, loss_fn=None)
    shaped = dataclasses.replace(
        vectors,
        encode=lambda x: vectors.encode(x.reshape(-1, 60)),
        decode=lambda z: vectors.decode(z).reshape(-1, 6, 10, 1),
        train=vectors.train.reshape(-1, 6, 10, 1),
        test=vectors.test.reshape(-1, 6, 10, 1),
    )
    flat, shaped = Measurements(vectors), Measurements(shaped)
    assert shaped.entries == 60
    np.testing.assert_allclose(shaped.test_terms.elbo, flat.test_terms.elbo)
    assert shaped.baseline == pytest.approx(flat.baseline)
    assert shaped.collapse_threshold == pytest.approx(flat.collapse_threshold)
    assert shaped.residual_threshold == pytest.approx(flat.residual_threshold)
    np.testing.assert_allclose(shaped.inference.bound, flat.inference.bound)
    assert expit(0) == shaped.decoded_mean(np.zeros((1, 2)))[0, 0, 0, 0]
