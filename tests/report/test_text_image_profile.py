from __future__ import annotations

import dataclasses

import pytest

from autorecipe.config import Config
from autorecipe.data.schema import Column, Schema
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.record.profile import ColumnProfile, ImageSummary, Profile
from autorecipe.record.run import DataSummary, Run, SplitSummary
from autorecipe.record.stage import StageResult
from autorecipe.report.text_image_profile import class_lines, image_lines, picture_lines
from autorecipe.report.text_profile import column_lines
from autorecipe.report.text_stages import stage_lines
from autorecipe.report.text_words import WIDTH, as_text

IMAGES = ImageSummary(
    n_unreadable=1,
    widths=(90, 320, 640),
    heights=(80, 240, 480),
    aspects=(0.75, 1.33, 1.5),
    formats=(("JPEG", 200), ("PNG", 10)),
    modes=(("RGB", 205), ("L", 5)),
    n_grey=7,
    channel_mean=(0.5, 0.4, 0.3),
    channel_std=(0.2, 0.2, 0.2),
    is_photo=True,
    spec=ImageSpec(height=96, width=128, channels=3, fit="crop", reason="because"),
    pictures=(("Samples", "pictures/samples.png"), ("D113 Label errors", "pictures/D113.png")),
)
LABEL = ColumnProfile(name="label", kind="categorical", missing_share=0, n_distinct=7, top=(("cat", 120), ("dog", 90)))


def run_of(images=IMAGES, label=LABEL, task="multiclass"):
    profile = Profile(n_rows=210, columns=(label,), outcomes=(), findings=(), images=images)
    return Run(
        config=Config(),
        data=DataSummary(name="pets", path="pets", fingerprint="0", n_rows=210, n_columns=2),
        schema=Schema(
            columns=(Column(name="image", kind="image", wire="string"),),
            target="label",
            task=task,
            task_reason="",
            classes=("cat", "dog"),
        ),
        split=SplitSummary(scheme="folds", n_train=168, n_validation=42, n_test=0, n_folds=5, reason=""),
        metric="log_loss",
        deciding_metric="log_loss",
        profile=profile,
        stages=(StageResult(stage="profile", question="What is this data like?"),),
    )


def test_a_reason_that_names_the_size_is_not_repeated():
    reason = "128 x 96, as the median image has no more; cut, as photos may lose their ends; 3 channels"
    images = dataclasses.replace(IMAGES, spec=dataclasses.replace(IMAGES.spec, reason=reason))
    text = " ".join(as_text(image_lines(run_of(images=images))).split())
    assert "input 128 x 96, as the median image has no more" in text
    assert text.count("128 x 96") == 1


def test_images_are_described_in_three_lines():
    assert as_text(image_lines(run_of())).splitlines() == [
        "  images   200 JPEG, 10 PNG; 320 x 240 px in the median, from 90 x 80 to 640 x 480; width over",
        "           height 0.75 to 1.50; photos",
        "  pixels   205 RGB, 5 L, 7 without colour; channels have means 0.50 0.40 0.30 and deviations 0.20",
        "           0.20 0.20 of 1",
        f"{'  input    128 x 96, 3 channels, crop: because':<{WIDTH - 12}}--image-side",
    ]


def test_images_of_one_size_have_one():
    small = dataclasses.replace(IMAGES, widths=(28, 28, 28), heights=(28, 28, 28), aspects=(1.0, 1.0, 1.0))
    text = as_text(image_lines(run_of(small)))
    assert "all 28 x 28 px; photos" in text
    assert "width over height" not in text


def test_classes_are_counted():
    assert as_text(class_lines(run_of())) == "  classes  cat 120, dog 90 and 5 more\n"


def test_a_number_has_a_range():
    number = ColumnProfile(name="label", kind="numeric", missing_share=0, n_distinct=9, minimum=1, median=3, maximum=9)
    assert as_text(class_lines(run_of(label=number, task="regression"))) == ("  target   label from 1 to 9, median 3\n")


@pytest.mark.parametrize(
    ("images", "text"),
    [(IMAGES, "  look     2 contact sheets in pictures/\n"), (dataclasses.replace(IMAGES, pictures=()), "")],
)
def test_contact_sheets_are_pointed_to(images, text):
    assert as_text(picture_lines(run_of(images))) == text


def test_tables_have_nothing_to_say_of_images():
    run = run_of(images=None)
    assert (image_lines(run), picture_lines(run)) == ((), ())
    assert "column" in column_lines(run)[0].text


def test_the_profile_shows_images_in_place_of_columns():
    run = run_of()
    assert column_lines(run) == (*class_lines(run), *image_lines(run), *picture_lines(run))


def test_a_profile_without_contact_sheets_says_how_to_have_them():
    lines = column_lines(run_of(dataclasses.replace(IMAGES, pictures=())))
    assert as_text(lines[-1:]) == "  look     --pictures DIR draws contact sheets\n"


def test_the_stage_shows_images_and_where_to_look():
    text = as_text(stage_lines(run_of().stages[0], run_of()))
    assert "  images   200 JPEG" in text
    assert "contact sheets" in text
