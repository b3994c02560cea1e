from __future__ import annotations

import doctest

import numpy as np
import pytest

from autorecipe.profile import linear_probe
from autorecipe.profile.image_features import CHUNK_ROWS, cell_means, colour_histogram, embed, gradient_directions
from autorecipe.profile.label_errors import find_suspects, fit_noise
from autorecipe.profile.linear_probe import out_of_fold_scores


def noise(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 32, 32, 3)).astype(np.uint8)


def test_embeddings_do_not_depend_on_the_images_beside_them():
    images = noise(CHUNK_ROWS + 3)
    whole = embed(images)
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(whole[-2:], embed(images[-2:]))
    np.testing.assert_array_equal(whole[:2], embed(images[:2]))


def test_embeddings_lie_between_minus_one_and_one():
    images = np.concatenate([noise(5), np.zeros((1, 32, 32, 3), np.uint8), np.full((1, 32, 32, 3), 255, np.uint8)])
    found = embed(images)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1 + 1e-6


def test_no_images_have_no_embeddings():
    assert embed(noise(0)).shape == (0, embed(noise(1)).shape[1])


def test_cell_means_are_where_the_colour_is():
    image = np.zeros((1, 32, 32, 3), np.float32)
    image[0, 4:8, 8:12, 1] = 1.0
    means = cell_means(image)
    assert means[0, 1, 2].tolist() == [-1, 1, -1]
    assert (means == 1).sum() == 1


@pytest.mark.parametrize(("turned", "direction"), [(False, 0), (True, 4)])
def test_a_ramp_has_one_direction_everywhere(turned, direction):
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32)[None, :, None], (32, 1, 3))
    ramp = ramp.transpose(1, 0, 2) if turned else ramp
    found = gradient_directions(ramp[None])
    assert (found.argmax(axis=3) == direction).all()
    assert found[..., direction].min() > 0.99


def test_a_flat_image_has_no_directions():
    assert np.abs(gradient_directions(np.full((1, 32, 32, 3), 0.5, np.float32))).max() == 0


def test_colours_are_counted_in_the_whole_and_in_the_middle():
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[0, 8:24, 8:24] = 255
    whole, middle = colour_histogram(image)[0]
    assert whole[63] ** 2 == pytest.approx(0.25)
    assert whole[0] ** 2 == pytest.approx(0.75)
    assert middle[63] == 1


def blobs(n=900, n_classes=3, spread=1.0, seed=0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, n_classes, n)
    centres = random.normal(0, 1, (n_classes, 20))
    features = centres[labels] + random.normal(0, spread, (n, 20))
    return features.astype(np.float32), labels, random.integers(0, 5, n)


def test_scores_are_out_of_fold():
    features, labels, folds = blobs()
    before = out_of_fold_scores(features, labels, folds, 3)
    held = folds == 2
    other = labels.copy()
    other[held] = (labels[held] + 1) % 3
    after = out_of_fold_scores(features, other, folds, 3)
    np.testing.assert_allclose(after[held], before[held], atol=1e-5)
    assert np.abs(after[~held] - before[~held]).max() > 0.01


def test_scores_of_noise_tell_nothing():
    features, labels, folds = blobs(spread=1.0)
    shuffled = np.random.default_rng(5).permutation(labels)
    scores = out_of_fold_scores(features, shuffled, folds, 3)
    assert abs(linear_probe.auc(scores[:, 0], shuffled == 0) - 0.5) < 0.1


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(linear_probe)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_the_share_of_wrong_labels_is_estimated(share):
    features, labels, folds = blobs(n=3000)
    random = np.random.default_rng(1)
    wrong = random.random(len(labels)) < share
    given = np.where(wrong, (labels + random.integers(1, 3, len(labels))) % 3, labels)
    _, doubt, _ = fit_noise(out_of_fold_scores(features, given, folds, 3), given)
    assert doubt.mean() == pytest.approx(share, abs=0.015)


def test_suspects_are_the_flipped_labels_the_surest_first():
    features, labels, folds = blobs(n=3000, spread=0.8)
    wrong = np.random.default_rng(1).permutation(len(labels))[:90]
    given = labels.copy()
    given[wrong] = (labels[wrong] + 1) % 3
    found = find_suspects(features, given, folds, 3)
    assert np.isin(found.places, wrong).mean() > 0.9
    assert len(found.places) > 60
    assert (np.diff(found.doubt) <= 0).all()
    right = np.isin(found.places, wrong)
    np.testing.assert_array_equal(found.looks_like[right], labels[found.places[right]])


def test_nothing_is_suspected_without_two_classes_of_enough_images():
    features, labels, folds = blobs(n=300)
    labels = np.where(np.arange(300) < 10, 1, 0)
    assert find_suspects(features, labels, folds, 2) is None


def test_nothing_is_suspected_where_the_classes_cannot_be_told():
    features, labels, folds = blobs(n=300, spread=1.0)
    shuffled = np.random.default_rng(5).permutation(labels)
    assert find_suspects(features, shuffled, folds, 3) is None
