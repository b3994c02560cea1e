from __future__ import annotations

import numpy as np
import pytest
from image_builder import make_image_rows, make_measured

from autorecipe.checks import (
    d101_unreadable_images,
    d102_file_formats,
    d103_colour_modes,
    d104_odd_sizes,
    d105_odd_aspects,
    d106_dark_images,
    d107_light_images,
    d108_blurry_images,
    d109_low_information,
    d112_images_per_class,
    d118_constant_pixels,
    d119_few_images,
    d123_rare_image_classes,
)
from autorecipe.checks.check import NotApplicable

N = 200
LABELS = ["cat", "dog"] * (N // 2)


def rows_with(n_odd=3, labels=LABELS, **odd):
    """Images of which the first n_odd have other values of some columns than the rest."""
    ordinary = make_measured(len(labels))
    columns = {}
    for name, value in odd.items():
        columns[name] = getattr(ordinary, name).copy()
        columns[name][:n_odd] = value
    return make_image_rows(labels, measured=make_measured(len(labels), **columns))


ALONE = [
    (d104_odd_sizes, {"width": 2000, "height": 1500}, "info"),
    (d104_odd_sizes, {"width": 9, "height": 12}, "warn"),
    (d105_odd_aspects, {"width": 400}, "info"),
    (d106_dark_images, {"dark": 0.2}, "info"),
    (d107_light_images, {"light": 0.97}, "info"),
    (d108_blurry_images, {"sharpness": 3.0}, "info"),
    (d109_low_information, {"entropy": 0.8}, "info"),
    (d109_low_information, {"contrast": 0.001, "entropy": 0.0}, "warn"),
]


@pytest.mark.parametrize(("check", "odd", "severity"), ALONE)
def test_few_odd_images_are_named(check, odd, severity):
    found = check.find(rows_with(3, **odd))
    assert [f.severity for f in found] == [severity]
    assert set(found[0].examples) == {"cat/0000.jpg", "dog/0001.jpg", "cat/0002.jpg"}
    assert found[0].message.startswith("3 images (1.5 %) are ")


@pytest.mark.parametrize(("check", "odd", "severity"), [case for case in ALONE if case[0] is not d104_odd_sizes])
def test_what_most_images_show_is_one_note_about_the_set(check, odd, severity):
    found = check.find(rows_with(150, **odd))
    if check is d108_blurry_images:
        assert found == ()  # an outlier among the others is what it looks for
        return
    assert [f.severity for f in found] == ["info"]
    assert found[0].examples == ()
    assert "no defect" in found[0].remedy


@pytest.mark.parametrize(
    "check",
    [
        d101_unreadable_images,
        d102_file_formats,
        d103_colour_modes,
        *dict.fromkeys(case[0] for case in ALONE),  # a set of modules has no order: two processes must collect the same
        d112_images_per_class,
        d118_constant_pixels,
        d119_few_images,
        d123_rare_image_classes,
    ],
)
def test_ordinary_images_pass(check):
    assert check.find(make_image_rows(LABELS)) == ()


def test_a_blank_image_is_not_called_dark_light_or_blurry_too():
    rows = rows_with(3, contrast=0.0, dark=0.1, light=0.99, sharpness=0.0, entropy=0.0)
    for check in (d106_dark_images, d107_light_images, d108_blurry_images):
        assert check.find(rows) == ()


@pytest.mark.parametrize(("n_bad", "severity"), [(1, "warn"), (10, "warn"), (11, "stop")])
def test_more_than_one_unreadable_file_in_twenty_stops(n_bad, severity):
    unreadable = tuple((f"bad/{i}.jpg", "truncated") for i in range(n_bad))
    found = d101_unreadable_images.find(make_image_rows(LABELS, unreadable=unreadable))
    assert found[0].severity == severity
    assert found[0].measured == n_bad / (N + n_bad)
    assert found[0].examples == tuple(name for name, _ in unreadable)
    assert "bad/0.jpg" in found[0].message


def test_reasons_of_unreadable_files_are_counted():
    unreadable = (("a", "truncated"), ("b", "truncated"), ("c", "no such file"))
    message = d101_unreadable_images.find(make_image_rows(LABELS, unreadable=unreadable))[0].message
    assert message.endswith("(2 truncated, 1 no such file)")


def test_a_file_named_as_another_format_is_named():
    found = d102_file_formats.find(rows_with(2, suffix=".png"))
    assert "2 files (1 %; limit 0), 2 of them JPEG called .png" in found[0].message
    assert len(found[0].examples) == 2


def test_several_formats_are_counted():
    found = d102_file_formats.find(rows_with(20, file_format="PNG", suffix=".png"))
    assert [f.message for f in found] == ["several formats: 180 JPEG, 20 PNG"]


def test_formats_of_arrays_are_not_asked_about():
    rows = make_image_rows(LABELS, measured=make_measured(N, file_format="array", suffix=""))
    with pytest.raises(NotApplicable, match="array"):
        d102_file_formats.find(rows)


def test_grey_images_among_coloured_ones_are_counted_whatever_their_mode():
    found = d103_colour_modes.find(rows_with(30, is_grey=True))
    assert found[0].message == "several colour modes: 170 RGB, 30 RGB without colour"


def test_images_on_their_side_are_said_to_be_turned():
    found = d103_colour_modes.find(rows_with(4, orientation=6))
    assert "4 images (2 %; limit 0)" in found[0].message
    assert "upright" in found[0].remedy


def test_sizes_of_a_set_of_many_resolutions_are_not_odd():
    random = np.random.default_rng(0)
    sides = np.exp(random.uniform(np.log(60), np.log(3000), N)).astype(np.int32)
    assert d104_odd_sizes.find(make_image_rows(LABELS, measured=make_measured(N, width=sides, height=sides))) == ()


def test_a_set_of_tiny_images_is_not_warned_of():
    assert d104_odd_sizes.find(make_image_rows(LABELS, measured=make_measured(N, width=8, height=8))) == ()


@pytest.mark.parametrize(("n_small", "severity"), [(15, None), (14, "info"), (12, "info")])
def test_a_ratio_of_classes_above_ten_is_said(n_small, severity):
    found = d112_images_per_class.find(make_image_rows(["big"] * 150 + ["small"] * n_small))
    assert [f.severity for f in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("check", "labels", "prefixes"),
    [
        (d112_images_per_class, ["big"] * 150 + ["small"] * 12, ("big", "small")),
        (d119_few_images, ["big"] * 20 + ["small"] * 20, ()),
        (d123_rare_image_classes, ["big"] * 150 + ["rare"] * 9 + ["scarce"] * 2, ("scarce", "rare")),
    ],
)
def test_findings_about_classes_show_images_of_them(check, labels, prefixes):
    (found,) = check.find(make_image_rows(labels))
    assert 8 <= len(found.examples) == len(set(found.examples)) <= 12
    for place, prefix in enumerate(prefixes):
        assert found.examples[place].startswith(prefix)


def test_a_ratio_of_classes_above_fifty_is_a_warning():
    found = d112_images_per_class.find(make_image_rows(["big"] * 600 + ["small"] * 11))
    assert found[0].severity == "warn"
    assert "55 times as many" in found[0].message


def test_classes_below_ten_images_are_warned_of_once():
    rows = make_image_rows(["big"] * 600 + ["rare"] * 9)
    found = d123_rare_image_classes.find(rows)
    assert found[0].message == "hardly any images of rare (9 images); limit 10"
    assert d112_images_per_class.find(rows) == ()


@pytest.mark.parametrize(("n", "n_found"), [(49, 1), (50, 0)])
def test_fewer_than_fifty_images_a_class_are_few(n, n_found):
    assert len(d119_few_images.find(make_image_rows(["a"] * n + ["b"] * n))) == n_found


def test_a_number_to_predict_has_no_classes_to_count():
    rows = make_image_rows(np.linspace(0, 1, N))
    for check in (d112_images_per_class, d123_rare_image_classes):
        with pytest.raises(NotApplicable, match="number"):
            check.find(rows)
    assert d119_few_images.find(rows) == ()
    assert len(d119_few_images.find(make_image_rows(np.linspace(0, 1, 150)))) == 1


@pytest.mark.parametrize(("border", "n_found"), [(2, 0), (3, 1)])
def test_a_border_that_all_images_share_is_said_from_a_third_of_the_pixels(border, n_found):
    thumbnails = make_measured(N).thumbnails.copy()
    inner = slice(border, 32 - border)
    bordered = np.zeros_like(thumbnails)
    bordered[:, inner, inner] = thumbnails[:, inner, inner]
    found = d118_constant_pixels.find(make_image_rows(LABELS, measured=make_measured(N, thumbnails=bordered)))
    assert len(found) == n_found


def test_deviation_of_pixels_is_that_of_numpy():
    thumbnails = make_measured(50).thumbnails
    np.testing.assert_allclose(d118_constant_pixels.pixel_deviation(thumbnails), thumbnails.std(axis=0), rtol=1e-9)
