from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autorecipe.data.image_source import ImageMeasurements
from autorecipe.interpretation.image_mistakes import (
    HeldOut,
    confusion_counts,
    confusions,
    most_confident,
    rank_z,
    traits,
)
from autorecipe.interpretation.image_sheet import (
    MATRIX_HEADING,
    TILE,
    PointMap,
    Tile,
    draw_matrix,
    draw_points,
    draw_tiles,
    heat_over,
    stretched,
)
from autorecipe.interpretation.record import Confusion, ImageLook, ImageMistake, Interpretation, MistakeTrait
from autorecipe.profile.contact_sheet import GAP, LINE
from autorecipe.profile.sheet_text import text_width
from autorecipe.report.text_interpretation import interpretation_lines
from autorecipe.report.text_words import WIDTH
from autorecipe.testing import make_run

SAID = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.6, 0.1], [0.05, 0.95, 0.0], [0.1, 0.2, 0.7]])
HELD = HeldOut(rows=np.arange(5) + 10, y=np.array([0, 0, 0, 1, 1]), said=SAID, classes=("ape", "bear", "cat"))
NUMBERS = HeldOut(rows=np.arange(20), y=np.zeros(20), said=np.arange(20.0))


def measured(n, **columns):
    """Measurements of n equal images, but for the columns named."""
    fields = {f.name: np.ones(n) for f in dataclasses.fields(ImageMeasurements)}
    return ImageMeasurements(**{**fields, **columns})


def test_confused_classes_are_counted_by_their_truth():
    assert confusion_counts(HELD).tolist() == [[1, 2, 0], [0, 1, 1], [0, 0, 0]]
    assert confusions(HELD) == (
        Confusion(truth="ape", predicted="bear", n=2, n_truth=3),
        Confusion(truth="bear", predicted="cat", n=1, n_truth=2),
    )


def test_a_number_has_no_confused_classes():
    assert confusions(NUMBERS) == ()


def test_the_surest_mistake_stands_first():
    assert most_confident(HELD, wrong=True, at_most=2).tolist() == [1, 4]
    assert most_confident(HELD, wrong=False, at_most=9).tolist() == [3, 0]


def test_the_mistakes_of_a_regression_are_its_largest_errors():
    assert most_confident(NUMBERS, wrong=True, at_most=9).tolist() == [19, 18]
    assert most_confident(NUMBERS, wrong=False, at_most=2).tolist() == [0, 1]


def test_a_regression_without_errors_has_no_mistakes():
    assert not dataclasses.replace(NUMBERS, said=np.zeros(20)).is_wrong.any()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_the_test_of_ranks_agrees_with_scipy(drawn):
    from scipy.stats import mannwhitneyu

    values, chosen = np.array([v for v, _ in drawn], float), np.array([c for _, c in drawn])
    if chosen.all() or not chosen.any() or np.ptp(values) == 0:
        return
    p = mannwhitneyu(values[chosen], values[~chosen], method="asymptotic", use_continuity=False).pvalue
    from scipy.stats import norm

    assert 2 * norm.sf(abs(rank_z(values, chosen))) == pytest.approx(p, abs=1e-9)


def test_dark_mistakes_are_found_and_chance_is_not():
    is_wrong = np.arange(200) % 5 == 0
    dark = np.random.default_rng(0).uniform(0.4, 0.6, 200) - 0.2 * is_wrong
    found = traits(measured(200, brightness=dark, contrast=np.random.default_rng(1).uniform(size=200)), is_wrong)
    assert [t.statistic for t in found] == ["brightness"]
    assert found[0].z < -3
    assert found[0].wrong < found[0].right


def test_few_mistakes_have_nothing_in_common():
    assert traits(measured(50, brightness=np.arange(50.0)), np.arange(50) < 5) == ()


def test_heat_reddens_the_place_that_it_is_at():
    heat = np.array([[0.0, 0.0], [0.0, 1.0]])
    seen = heat_over(np.full((8, 8, 1), 100, np.uint8), heat)
    assert seen.shape == (8, 8, 3)
    assert seen[0, 0].tolist() == [100, 100, 100]
    assert seen[7, 7, 0] > seen[7, 7, 2]


def test_stretching_stays_within_the_range():
    found = stretched(np.random.default_rng(0).uniform(size=(3, 4)), (17, 9))
    assert found.shape == (17, 9)
    assert found.min() >= 0
    assert found.max() <= 1


def test_sheets_are_as_wide_as_their_headings(tmp_path):
    pixels, wide = np.full((40, 72, 3), 90, np.uint8), "a heading that is longer than a single tile is wide"
    draw_tiles([(wide, [Tile(pixels=pixels)])], tmp_path / "tiles.png", n_across=8)
    draw_matrix(np.eye(2, dtype=np.int64), ["Hühnerrasse weiß", "Löwenzahn"], {(0, 0): pixels}, tmp_path / "matrix.png")
    points = PointMap(
        points=np.eye(3)[:, :2],
        codes=np.arange(3),
        is_ringed=np.arange(3) == 1,
        names=("ä", "ö", "ü"),
        heading=8 * "very ",
        ring=NUMBERS.wrong_text,
    )
    draw_points(points, tmp_path / "points.png")
    for name, heading in (("tiles", wide), ("matrix", MATRIX_HEADING), ("points", points.heading)):
        with Image.open(tmp_path / f"{name}.png") as sheet:
            ink = np.asarray(sheet.convert("L"))[: GAP + LINE]
        assert sheet.width >= text_width(heading) + 2 * GAP
        assert (ink[:, -GAP:] == 255).all()


def test_a_tile_is_filled_by_a_smaller_image(tmp_path):
    draw_tiles([("", [Tile(pixels=np.zeros((72, 72, 1), np.uint8))])], tmp_path / "tiles.png", n_across=8)
    with Image.open(tmp_path / "tiles.png") as sheet:
        assert (np.asarray(sheet.convert("L"))[GAP : GAP + TILE, GAP : GAP + TILE] == 0).all()


def test_a_ring_says_what_is_wrong_about_a_number():
    assert HELD.wrong_text == "predicted wrong"
    assert NUMBERS.wrong_text == "among the largest 10 % of the errors"


def test_everything_that_pictures_show_is_said_within_the_width():
    look = ImageLook(
        n_wrong=12,
        pictures=(("Grad-CAM", "pictures/grad_cam.png"), ("Embeddings", "pictures/embeddings.png")),
        skipped=(("Saliency", "no time was left"),),
        confusions=tuple(Confusion(truth=f"class {i}", predicted="other", n=9 - i, n_truth=50) for i in range(6)),
        mistakes=tuple(
            ImageMistake(name=f"class 1/{i}.png", truth="class 1", predicted="other", probability=0.991)
            for i in range(9)
        ),
        traits=(MistakeTrait(statistic="brightness", wrong=0.31, right=0.45, z=-4.2),),
        centre_share=0.62,
        n_activations=48,
    )
    known = Interpretation(n_rows=300, n_networks=5, unit="log loss", loss=0.4, images=look)
    short, whole = interpretation_lines(known, make_run()), interpretation_lines(known, make_run(), whole=True)
    assert all(len(line.text) <= WIDTH for line in whole)
    assert len(whole) > len(short)
    text = " ".join(" ".join(line.text for line in whole).split())
    assert "What it looks at, 300 images, each by those of its 5 networks that had not learned from it" in text
    assert "12 of 300 are wrong: class 0 taken for other (9 of 50)" in text
    assert "class 1/0.png is class 1, predicted other (99 %)" in text
    assert "darker than the others (brightness 0.310 in the median against 0.450)" in text
    assert "62 % of the class activation of one network lies in the middle quarter of the area, of 48 images" in text
    assert "look grad_cam.png, embeddings.png in pictures/" in text
    assert "not drawn: saliency (no time was left)" in text
