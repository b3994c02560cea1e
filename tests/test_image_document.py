"""What docs/images.md lists is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from autorecipe.checks import IMAGE_CHECKS
from autorecipe.families import FAMILIES
from autorecipe.regularizers import IMAGE_REGULARIZERS
from autorecipe.stages.image_portfolio import IMAGE_ORDER

TEXT = (Path(__file__).parents[1] / "docs" / "images.md").read_text(encoding="utf-8")


def test_every_check_of_images_is_in_the_table_in_order():
    assert re.findall(r"^\| (D1\d\d) \|", TEXT, re.MULTILINE) == [check.code for check in IMAGE_CHECKS]


def test_every_family_for_images_is_in_the_table():
    families = TEXT.partition("## The families")[2].partition("##")[0]
    named = re.findall(r"^\| `(\w+)` \|", families, re.MULTILINE)
    assert sorted(named) == sorted(family.name for family in FAMILIES if family.modality == "image")
    assert set(IMAGE_ORDER) < set(named)


def test_augmentation_stands_beside_the_first_preset_that_offers_it():
    presets = {
        name: said.casefold() for name, said in re.findall(r"^\| (quick|standard|thorough) \| (.+) \|$", TEXT, re.M)
    }
    first = IMAGE_REGULARIZERS[: [own.name for own in IMAGE_REGULARIZERS].index("weight_decay")]
    for own in first:
        word = own.title.removeprefix("random ").casefold()
        assert word in presets[own.presets[0]], own.name
