import base64

import numpy as np

from keras_vae.data import as_dataset
from keras_vae.reports.grid import _nodes, decoded_grid
from keras_vae.reports.looks import Looks

LINE = Looks("line", (6,))


def values(part):
    return np.frombuffer(base64.b64decode(part["values"]["data"]), "float16").reshape(-1, 6)


def test_the_nodes_begin_at_the_top_left():
    nodes = _nodes(3, 2.0, [1, 0], 3)
    np.testing.assert_array_equal(nodes[0], [2, -2, 0])  # z_1 up, z_2 across
    np.testing.assert_array_equal(nodes[5], [0, 2, 0])
    np.testing.assert_array_equal(_nodes(2, 1.0, [0], 1)[:, 0], [-1, 1, -1, 1])


def test_each_node_holds_what_is_decoded_there(small_vae, binary_x):
    vae = small_vae()
    limits = np.array([3.4, 4.0])
    grid = decoded_grid(vae, as_dataset(binary_x), binary_x, LINE, [0, 1], limits, "reason")
    assert (grid["reach"], grid["reason"], len(grid["parts"])) == (4.0, "reason", 1)
    expected = vae.decode(_nodes(grid["side"], 4.0, [0, 1], 2))
    np.testing.assert_allclose(values(grid["parts"][0]), expected, atol=1e-3)


def test_a_grid_that_has_no_room_gets_coarser(small_vae, binary_x, monkeypatch):
    monkeypatch.setattr("keras_vae.reports.grid.MOST_BYTES", 2000)
    limits = np.array([3.4, 3.4])
    grid = decoded_grid(small_vae(), as_dataset(binary_x), binary_x, LINE, [0, 1], limits, "reason")
    assert grid["side"] ** 2 == grid["parts"][0]["count"] <= 2000 / 12
