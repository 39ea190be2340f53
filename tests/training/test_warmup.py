import pytest

from keras_vae.objectives import Elbo
from keras_vae.training import CapacityWarmup, KLWarmup
from keras_vae.training.warmup import warmup_epochs


@pytest.mark.parametrize(
    ("fraction", "epochs", "length"),
    [(0.0, 80, 0), (0.1, 80, 8), (0.5, 1, 0), (0.999, 1, 0), (0.999, 20, 19), (0.999, 1000, 999)],
)
def test_the_warmup_always_ends_before_training_does(fraction, epochs, length):
    assert warmup_epochs(fraction, epochs) == length < epochs


def test_beta_rises_evenly_and_stays(small_vae, binary_x):
    history = small_vae().fit(
        binary_x, validation_data=(binary_x,), epochs=5, verbose=0, callbacks=[KLWarmup(2.0, 3)]
    )
    assert history.history["beta"] == [0.5, 1.0, 1.5, 2.0, 2.0]
    assert history.history["val_beta"] == history.history["beta"]


def test_the_loss_is_distortion_plus_beta_times_rate_during_the_warmup(small_vae, binary_x):
    history = (
        small_vae()
        .fit(binary_x, epochs=4, batch_size=64, verbose=0, callbacks=[KLWarmup(4.0, 2)])
        .history
    )
    for epoch in range(4):
        loss, distortion, beta, rate = (
            history[name][epoch] for name in ("loss", "distortion", "beta", "rate")
        )
        assert loss == pytest.approx(distortion + beta * rate, rel=1e-6)


def test_the_rate_is_held_at_a_capacity_that_rises(small_vae, binary_x):
    history = (
        small_vae(objective=Elbo(capacity=3.0), beta=4.0)
        .fit(binary_x, epochs=4, batch_size=200, verbose=0, callbacks=[CapacityWarmup(2)])
        .history
    )
    # loss = distortion + beta * |rate - capacity|, of one batch an epoch
    for epoch, capacity in enumerate((1.0, 2.0, 3.0, 3.0)):
        loss, distortion, beta, rate = (
            history[name][epoch] for name in ("loss", "distortion", "beta", "rate")
        )
        assert beta == 4.0
        assert loss == pytest.approx(distortion + beta * abs(rate - capacity), rel=1e-5)
