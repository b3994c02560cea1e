from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.backbones import (
    BACKBONES,
    BackboneChoice,
    at_side,
    backbone_named,
    cache_folder,
    choose_file,
    parse_backbone,
)
from autorecipe.errors import UserError

DIGEST = st.text("0123456789abcdef", min_size=8, max_size=8) | st.just("")
FILE = st.from_regex(r"/[a-z0-9 :#._-]{1,20}\.(keras|h5)", fullmatch=True)


@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from([*(b.name for b in BACKBONES), ""]), path=FILE, digest=DIGEST)
def test_a_choice_is_read_as_it_was_written(name, path, digest):
    choice = BackboneChoice(name=name, path=path, digest=digest)
    assert parse_backbone(str(choice)) == choice


@pytest.mark.parametrize("backbone", BACKBONES, ids=lambda b: b.name)
def test_a_name_alone_stands_for_the_weights_in_kerass_cache(backbone, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    choice = parse_backbone(backbone.name)
    assert choice == BackboneChoice(name=backbone.name)
    assert choice.weights_path == tmp_path / "models" / backbone.file_name
    assert choice.title == backbone.title


def test_without_a_home_of_its_own_keras_caches_below_the_users(monkeypatch):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    assert cache_folder().parts[-2:] == (".keras", "models")


def test_a_name_that_is_none_gets_the_nearest_one():
    with pytest.raises(UserError, match="did you mean 'convnext_tiny'"):
        parse_backbone("convnext_tinny")
    with pytest.raises(UserError, match="or a file of Keras"):
        parse_backbone("zzz")


def test_backbones_are_listed_by_what_they_cost():
    costs = [(b.file_mb, b.n_multiplications) for b in BACKBONES]
    assert costs == sorted(costs)
    assert all(re.search(r"\(\d{4}\).*arXiv", b.source) for b in BACKBONES)


def test_images_are_brought_to_the_next_side_and_never_beyond_that_of_training():
    small = backbone_named("mobilenet_v3_small")
    assert [small.side_for(n) for n in (64, 96, 97, 224, 4000)] == [96, 96, 128, 224, 224]
    assert at_side(small, 100).n_multiplications == pytest.approx(small.n_multiplications * (128 / 224) ** 2)


def test_a_models_file_is_chosen_with_its_digest(tmp_path):
    path = tmp_path / "own.keras"
    path.write_bytes(b"one")
    first = choose_file(str(path))
    path.write_bytes(b"two")
    assert first.path == choose_file(str(path)).path == str(path.resolve())
    assert first.digest != choose_file(str(path)).digest
    assert (first.record, first.title) == (None, "own.keras")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5", "mobilenet_v3_large"),
        ("efficientnetv2-b0_notop.h5", "efficientnet_v2_b0"),
        ("my convnext tiny.weights.h5", "convnext_tiny"),
    ],
)
def test_weights_are_taken_for_the_network_that_their_file_is_named_after(tmp_path, name, found):
    (tmp_path / name).touch()
    assert choose_file(str(tmp_path / name)).name == found


def test_weights_without_a_network_ask_for_its_name(tmp_path):
    path = tmp_path / "own.weights.h5"
    path.touch()
    with pytest.raises(UserError, match=r"(?s)nothing says which network .* as in mobilenet_v3_small:"):
        choose_file(str(path))
    choice = choose_file(f"convnext_tiny:{path}")
    assert (choice.name, choice.path) == ("convnext_tiny", str(path.resolve()))
    assert choice.title == "ConvNeXt-Tiny (own.weights.h5)"


def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path):
    with pytest.raises(UserError, match="there is no file"):
        choose_file(str(tmp_path / "gone.keras"))
    (tmp_path / "weights.pt").touch()
    with pytest.raises(UserError, match=r"ends in '\.pt'"):
        choose_file(str(tmp_path / "weights.pt"))
