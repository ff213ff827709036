"""The map of the texts: neighbours stay neighbours, and equal vectors give an equal map."""

import numpy as np

from automl_text.statistics.projection import projected

RNG = np.random.default_rng(3)
GROUPS = np.repeat(np.arange(3), 20)
VECTORS = (10 * np.eye(8)[GROUPS] + RNG.normal(size=(60, 8))).astype(np.float32)


def test_the_nearest_neighbour_on_the_map_is_of_the_same_group():
    places = projected(VECTORS)
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (GROUPS[distances.argmin(axis=1)] == GROUPS).all()


def test_the_map_is_drawn_the_same_again_and_fills_its_square():
    places = projected(VECTORS)
    np.testing.assert_array_equal(places, projected(VECTORS))
    np.testing.assert_array_equal(places.min(axis=0), [0, 0])
    np.testing.assert_array_equal(places.max(axis=0), [1, 1])


def test_a_handful_of_texts_is_no_map():
    assert projected(VECTORS[:9]).shape == (0, 2)
