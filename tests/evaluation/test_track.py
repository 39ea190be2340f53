import numpy as np
import pytest

from keras_vae.evaluation import TrackEvidence
from keras_vae.evidence import evidence_identity


@pytest.fixture
def tracked(small_vae, binary_x):
    """Trains a small VAE and returns it with what the callback recorded."""

    def train(epochs, **options):
        vae, track = small_vae(), TrackEvidence(binary_x[:20], **options)
        vae.fit(binary_x, epochs=epochs, verbose=0, callbacks=[track])
        return vae, track

    return train


def test_the_first_and_the_last_epoch_are_always_looked_at(small_vae, binary_x, monkeypatch):
    identity = evidence_identity(small_vae(), binary_x[:2])
    monkeypatch.setattr("keras_vae.evaluation.track.evidence_identity", lambda *given: identity)
    for epochs, every, expected in (
        (5, 2, [1, 2, 4, 5]),
        (4, 2, [1, 2, 4]),
        (1, 10, [1]),
        (3, 1, [1, 2, 3]),
    ):
        track = TrackEvidence(binary_x[:2], every=every)
        track.set_params({"epochs": epochs})
        for epoch in range(epochs):
            track.on_epoch_end(epoch)
        assert track.columns["epoch"] == expected
        assert {len(column) for column in track.columns.values()} == {len(expected)}


def test_a_look_is_the_identity_of_the_weights_at_the_end_of_the_epoch(tracked, binary_x):
    vae, track = tracked(3, every=2)
    identity = evidence_identity(vae, binary_x[:20])
    for name in ("log_evidence", "elbo", "posterior_kl", "error"):
        assert track.columns[name][-1] == pytest.approx(getattr(identity, name).mean(), rel=1e-6)
    assert track.columns["elbo"][0] < track.columns["elbo"][-1]
    gap = np.subtract(track.columns["log_evidence"], track.columns["elbo"])
    np.testing.assert_allclose(gap, track.columns["posterior_kl"], atol=0.01)
    assert track.method == "exact, by quadrature"


def test_looking_changes_nothing_in_the_training(tracked, small_vae, binary_x):
    watched, _ = tracked(3, every=1)
    alone = small_vae()
    alone.fit(binary_x, epochs=3, verbose=0)
    for ours, theirs in zip(watched.weights, alone.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_it_looks_at_what_was_observed(small_vae, binary_x):
    mask = np.arange(6) % 2 * np.ones((20, 1))
    vae, track = small_vae(), TrackEvidence({"x": binary_x[:20], "mask": mask}, every=1)
    vae.fit(binary_x, verbose=0, callbacks=[track])
    identity = evidence_identity(vae, {"x": binary_x[:20], "mask": mask})
    found = track.columns["log_evidence"][0]
    assert found == pytest.approx(identity.log_evidence.mean(), rel=1e-6)
    assert found > evidence_identity(vae, binary_x[:20]).log_evidence.mean() + 0.5
