import time

import numpy as np
import pytest
from reference import bernoulli_log_prob, kl_from_standard_normal

from keras_vae import Config
from keras_vae.explanations.companions import COLLAPSING, Companions, trained_steps


@pytest.fixture(scope="module")
def companions(material):
    return material.companions


def test_what_is_left_to_train_is_told(material):
    told = []
    found = Companions(material.vae, material.dataset, material.x, 0, told.append)
    found.planned = 3
    found._tell(2, began=time.monotonic())
    assert f"3 to go: epoch 2 of {found.epochs}, about 0 s left" in told[0]


def test_a_short_training_has_about_as_many_steps_of_any_data(monkeypatch):
    monkeypatch.setattr("keras_vae.explanations.companions.STEPS", 200)
    for examples in (16, 200, 2000):
        batch_size, epochs = trained_steps(examples)
        assert 1 <= batch_size <= examples
        assert 150 <= epochs * (examples // batch_size) <= 250


def test_a_dearer_rate_is_a_smaller_rate_and_the_model_itself_is_left_alone(
    companions, material, healthy
):
    before = [weight.copy() for weight in healthy.get_weights()]
    free, dear = companions.of(0.0), companions.of(COLLAPSING)
    assert dear.rate.mean() < 0.1 < free.rate.mean()
    assert dear.distortion.mean() > free.distortion.mean()
    for then, now in zip(before, healthy.get_weights(), strict=True):
        np.testing.assert_array_equal(then, now)
    np.testing.assert_allclose(
        free.rate, kl_from_standard_normal(free.z_mean, free.z_log_var), rtol=1e-3
    )
    np.testing.assert_array_equal(free.elbo, -(free.rate + free.distortion))


def test_each_training_begins_at_the_same_weights_whatever_came_before(companions, material):
    companions.of(4.0)
    again = Companions(material.vae, material.dataset, material.x, 0, lambda what: None)
    np.testing.assert_array_equal(again.of(0.0).z_mean, companions.of(0.0).z_mean)
    assert companions.of(0.0) is companions.of(0.0)


def test_looks_see_the_identity_rise_to_the_last_epoch(companions):
    found = companions.of(1.0, looks=True)
    epochs = [epoch for epoch, _ in found.looks]
    assert epochs[0] == 1
    assert epochs[-1] == companions.epochs
    for _, identity in found.looks:
        assert identity.residual.max() < 0.05
    assert companions.of(1.0) is found  # not trained twice


def test_a_decoder_for_codes_that_say_nothing_learns_the_mean_of_the_data(companions, material):
    x = companions.train.train.x
    nothing = np.zeros((len(x), 2))
    distortion = companions.with_fixed_codes(nothing, nothing)
    mean = x.mean(axis=0)
    best = -bernoulli_log_prob(x, np.log(mean / (1 - mean))).sum(axis=1)
    assert distortion.mean() == pytest.approx(best.mean(), abs=0.3)


def test_a_model_of_kvae_fit_gets_companions_that_begin_as_its_own(material, make_vae):
    vae = make_vae(epochs=0)
    vae.protocol = {"options": Config(data="causes", hidden=(5,), free_nats=2.0).to_dict()}
    found = Companions(vae, material.dataset, material.x, 0, lambda what: None)
    built = found._begun()
    assert [layer.units for layer in built.encoder.layers if hasattr(layer, "units")] == [5, 2, 2]
    assert built.free_nats == 0.0
