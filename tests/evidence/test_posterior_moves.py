import numpy as np
import pytest
import tensorflow as tf
from made_families import posterior_of

from keras_vae.distributions import POSTERIORS, Z_LOG_VAR_RANGE
from keras_vae.evidence.posterior_moves import MOVES, moves_of


def test_every_family_of_the_package_has_moves():
    assert set(MOVES) == set(POSTERIORS.values())


@pytest.fixture(params=POSTERIORS)
def start(request):
    """(moves, parameters of q(z|x) of 5 examples, one of three latents each)."""
    family, parameters = posterior_of(request.param, 3, batch=5)
    return moves_of(family), parameters


def test_no_change_leaves_q_as_it_is_and_a_change_moves_all_of_it(start):
    moves, parameters = start
    nothing = tf.zeros((5, moves.size(parameters)))
    for before, after in zip(parameters, moves.moved(parameters, nothing), strict=True):
        np.testing.assert_array_equal(before, after)
    gradients = []
    for j in range(nothing.shape[1]):
        one = np.zeros(nothing.shape, "float32")
        one[:, j] = 1e-2
        parts = zip(parameters, moves.moved(parameters, one), strict=True)
        gradients.append(np.concatenate([np.ravel(b - a) for a, b in parts]))
    # no number of a change is idle, or does what others do
    assert np.linalg.matrix_rank(np.array(gradients), tol=1e-4) == nothing.shape[1]


def test_scales_are_kept_in_the_range_of_the_encoder(start):
    moves, parameters = start
    d = 3
    for way, end in ((100.0, Z_LOG_VAR_RANGE[1]), (-100.0, Z_LOG_VAR_RANGE[0])):
        change = np.zeros((5, moves.size(parameters)), "float32")
        change[:, d:] = way if len(parameters) == 3 or parameters[1].shape[1:] == (d,) else 0.0
        moved = moves.moved(parameters, change)
        if parameters[1].shape[1:] == (d, d):
            moved = moved[0], parameters[1] * np.exp(way / 2)
            *_, found = moves.within(moved)
            rows = np.diagonal(found, axis1=1, axis2=2)
            np.testing.assert_allclose(2 * np.log(rows), end, rtol=1e-5)
            # the correlations stay
            before = np.asarray(parameters[1])
            units = np.diagonal(before, axis1=1, axis2=2)[:, :, None]
            np.testing.assert_allclose(found / rows[:, :, None], before / units, rtol=1e-4)
        else:
            np.testing.assert_array_equal(moves.within(moved)[1], np.float32(end))
    for before, after in zip(parameters, moves.within(parameters), strict=True):
        np.testing.assert_allclose(before, after, rtol=1e-6)


def test_means_move_by_standard_deviations_and_scales_by_factors():
    """The KL from q to the q that a change makes does not depend on q: 1/2 |u|^2 of the mean, and
    (exp(v) - 1 - v) / 2 of a variance."""
    for name in ("diagonal", "full"):
        for seed in (0, 1):
            family, parameters = posterior_of(name, 3, batch=5, seed=seed)
            moves = moves_of(family)
            change = np.zeros((5, moves.size(parameters)), "float32")
            change[:, :3] = [0.3, -0.2, 0.1]
            after = moves.moved(parameters, change)
            kl = kl_of_normals(family, after, parameters)
            np.testing.assert_allclose(kl, 0.14 / 2, rtol=1e-4)
    family, parameters = posterior_of("diagonal", 3, batch=5)
    change = np.zeros((5, 6), "float32")
    change[:, 4] = 0.5
    kl = kl_of_normals(family, moves_of(family).moved(parameters, change), parameters)
    np.testing.assert_allclose(kl, (np.exp(0.5) - 1.5) / 2, rtol=1e-4)


def test_a_change_of_l_is_relative_to_l():
    """L T: KL(q T || q) = 1/2 (||T||^2 - d) - log det T, whatever L is."""
    found = []
    for seed in (0, 1):
        family, parameters = posterior_of("full", 3, batch=4, seed=seed)
        moves = moves_of(family)
        change = np.zeros((4, moves.size(parameters)), "float32")
        change[:, 3:] = 0.3 * np.random.default_rng(5).normal(size=6)
        found.append(kl_of_normals(family, moves.moved(parameters, change), parameters))
    assert np.ptp(found) < 1e-4
    assert np.min(found) > 0.02


def kl_of_normals(family, q, p):
    """KL(q || p) of two normals by their noise: p's noise of q's draws is normal too."""
    shape = (4, 3)
    corners = np.concatenate([np.zeros((1, 3)), np.eye(3)]).astype("float32")
    batch = q[0].shape[0]
    noise = np.broadcast_to(corners[:, None], (shape[0], batch, 3))
    u = np.asarray(family.inverse(p, family.transform(q, noise)), "float64")
    mean, columns = u[0], np.moveaxis(u[1:] - u[0], 0, -1)  # u = mean + A noise
    log_det = np.linalg.slogdet(columns)[1]
    # 1/2 (||A||^2 + |mean|^2 - d) - log det A
    return (np.sum(columns**2, (1, 2)) + np.sum(mean**2, 1) - 3) / 2 - log_det
