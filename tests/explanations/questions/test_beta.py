from types import SimpleNamespace

import numpy as np
import pytest

from keras_vae.explanations.questions.beta import BETAS, answer, told_of_best, told_of_trade


def made(beta, rate, distortion):
    noise = np.random.default_rng(round(8 * beta)).normal(size=(2, 100))
    rate, distortion = rate + 0.1 * noise[0], distortion + 0.1 * noise[1]
    return SimpleNamespace(beta=beta, rate=rate, distortion=distortion, elbo=-rate - distortion)


def test_rate_distortion_and_elbo_are_those_of_the_companions(material):
    numbers = answer(material).numbers
    assert numbers["beta"] == list(BETAS)
    for beta, rate, elbo in zip(BETAS, numbers["rate"], numbers["elbo"], strict=True):
        companion = material.companions.of(beta)
        assert rate == pytest.approx(companion.rate.mean())
        assert elbo == pytest.approx(-(companion.rate + companion.distortion).mean())


def test_a_trade_is_told_only_where_it_is_one():
    good = [made(0.0, 9, 1), made(1.0, 5, 3), made(4.0, 1, 8)]
    bad = [made(0.0, 9, 1), made(1.0, 5, 3), made(4.0, 6, 8)]
    assert told_of_trade(good) != told_of_trade(bad)
    assert "rate does not fall" in told_of_trade(bad)
    assert "distortion does not rise" not in told_of_trade(bad)


def test_the_best_elbo_is_told_with_its_error():
    at_one = told_of_best([made(0.0, 9, 1), made(1.0, 5, 3)])
    other = told_of_best([made(0.25, 4, 3), made(1.0, 5, 3)])
    open_ = told_of_best([made(0.25, 5, 2.999), made(1.0, 5, 3)])
    assert len({at_one, other, open_}) == 3
    assert "0.25" in other


def test_the_loss_of_another_beta_is_not_called_a_bound(material, make_vae, material_of, sharing):
    texts = [answer(material).paragraphs[-1]]
    for beta in (0.0, 8.0):
        other = sharing(material_of(make_vae(epochs=0, beta=beta)))
        texts.append(answer(other).paragraphs[-1])
    assert len(set(texts)) == 3
    assert ["no bound" in text for text in texts] == [False, True, False]
