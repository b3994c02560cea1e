from __future__ import annotations

from functools import cache

import pytest

from autorecipe.config import Config
from autorecipe.intake import take_in
from autorecipe.profile.image_profile import profile_images
from autorecipe.profile.profile import stops

pytestmark = pytest.mark.slow


@cache
def profile_of(path):
    config = Config()
    return profile_images(take_in(str(path), config), config, pictures=None)


@pytest.mark.parametrize("name", ["flowers5.tar", "brain_tumor_mri.tar"])
def test_honest_images_raise_no_stop_and_hardly_a_warning(test_data, name):
    found = profile_of(test_data / "images" / name)
    assert stops(found) == ()
    assert sum(finding.severity == "warn" for finding in found.findings) <= 1


def test_scans_of_mixed_modes_and_sizes_are_described(test_data):
    images = profile_of(test_data / "images" / "brain_tumor_mri.tar").images
    assert {"RGB", "L", "RGBA"} <= {mode for mode, _ in images.modes}
    assert {"JPEG", "PNG"} <= {kind for kind, _ in images.formats}
    assert images.widths[0] < images.widths[1] < images.widths[2]
    assert not images.is_photo
