from __future__ import annotations

import dataclasses

import pytest
from stage_runs import effects_with, even

from autorecipe.backbones import ReadyBackbone
from autorecipe.change import with_edits
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.families.family import DataSize
from autorecipe.families.pretrained import head_edits, takes_features
from autorecipe.recipe import Recipe
from autorecipe.record.stage import StageResult
from autorecipe.stages.pretrained_rung import (
    chosen_backbone,
    fine_tuning,
    missing_rung,
    pretrained_rung,
    rung_backbone,
)
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import make_run

PHOTOS = DataSize(
    n_train=2000, n_features=1, n_numbers=0, task="multiclass", n_classes=5, image=(96, 128, 3), is_photo=True
)
HEAD = with_edits(Recipe(), head_edits("mobilenet_v3_small", PHOTOS))
READY = ReadyBackbone(notes=("it takes 0 to 255",))


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))


def run_with(**settings):
    return make_run(config=Config(target="bought", **settings))


def test_a_head_is_trained_on_every_fold_where_weights_can_be_had():
    effects = effects_with(even, backbone=READY)
    rung = pretrained_rung(HEAD, effects, offline=False)
    assert rung.trial.status == "ok"
    assert rung.trial.name == "MobileNetV3-Small, frozen, with a linear head"
    assert effects.trainer.calls == [(HEAD, fold) for fold in range(5)]
    assert rung.notes == READY.notes


def test_a_download_is_told_before_it_begins(tmp_path):
    effects = effects_with(even, backbone=READY)
    pretrained_rung(HEAD, effects, offline=False)
    (said,) = [text for kind, text in effects.store.events if kind == "plan"]
    assert said.startswith("MobileNetV3-Small: its weights, 4 MB, are downloaded to ")
    assert str(tmp_path) in said
    assert "--offline" in said


def test_nothing_is_told_where_nothing_is_downloaded(tmp_path):
    offline = effects_with(even)
    pretrained_rung(HEAD, offline, offline=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5").touch()
    cached = effects_with(even, backbone=READY)
    pretrained_rung(HEAD, cached, offline=False)
    assert [*offline.store.events, *cached.store.events] == []


def test_weights_that_cannot_be_had_leave_one_line_and_no_trial():
    effects = effects_with(even)
    rung = pretrained_rung(HEAD, effects, offline=False)
    assert rung.trial is None
    assert effects.trainer.calls == []
    assert rung.notes == (
        "no rung of pretrained features: MobileNetV3-Small: its weights cannot be downloaded;"
        " networks are trained from scratch",
    )


def test_a_head_that_fails_is_named_with_its_cause():
    effects = effects_with(even, backbone=ReadyBackbone(), fails=lambda recipe, fold: "no memory")
    rung = pretrained_rung(HEAD, effects, offline=False)
    assert rung.trial.status == "failed"
    assert "MobileNetV3-Small: no memory; networks are trained from scratch" in rung.notes[0]


def test_photos_get_a_larger_backbone_with_more_time():
    sizes = [dataclasses.replace(PHOTOS, time_limit_s=s) for s in (10.0, 60.0, 600.0, 7200.0)]
    chosen = [chosen_backbone(run_with(), size) for size in sizes]
    assert chosen == ["", "mobilenet_v3_small", "efficientnet_v2_b0", "convnext_tiny"]


@pytest.mark.parametrize("edits", [{"image": (48, 63, 3)}, {"is_photo": False}, {"image": ()}], ids=str)
def test_small_images_and_drawings_and_tables_get_none_and_nobody_misses_it(edits):
    size = dataclasses.replace(PHOTOS, **edits)
    assert chosen_backbone(run_with(), size) == ""
    assert missing_rung(run_with(), size) == ()


def test_photos_that_are_too_many_for_the_time_are_said_to_have_none():
    many = dataclasses.replace(PHOTOS, n_train=1_000_000, time_limit_s=60.0)
    assert chosen_backbone(run_with(), many) == ""
    assert missing_rung(run_with(), many) == (
        "no rung of pretrained features: there is no time to send 1,000,000 images through a backbone",
    )


def test_a_file_of_the_users_is_taken_whatever_the_images(tmp_path):
    path = tmp_path / "own.keras"
    path.write_bytes(b"a model")
    run = run_with(weights=str(path))
    assert chosen_backbone(run, dataclasses.replace(PHOTOS, is_photo=False)).startswith(f"{path}#")
    path.unlink()
    with pytest.raises(UserError, match="there is no file"):
        chosen_backbone(run, PHOTOS)


def test_later_stages_build_on_the_backbone_of_the_rung_alone():
    effects = effects_with(even, backbone=READY)
    trial = pretrained_rung(HEAD, effects, offline=False).trial
    failed = dataclasses.replace(trial, fits=(dataclasses.replace(trial.fits[0], status="failed", cause="x"),))
    net = try_recipe(Recipe(), effects)
    found = {}
    for name, trials in {"rung": (net, trial), "failed": (net, failed), "none": (net,)}.items():
        result = StageResult(stage="baseline", question="?", trials=trials)
        found[name] = rung_backbone(make_run(stages=(result,)))
    assert found == {"rung": "mobilenet_v3_small", "failed": "", "none": ""}
    assert rung_backbone(make_run()) == ""


def test_a_frozen_backbone_may_be_fine_tuned_at_a_low_rate_once():
    changes = fine_tuning(HEAD)
    assert [change.title for change in changes] == [
        "train the last block of MobileNetV3-Small too",
        "train the last 3 blocks of MobileNetV3-Small too",
    ]
    tuned = changes[0].apply(HEAD)
    assert (tuned.n_unfrozen, tuned.learning_rate, tuned.backbone) == (1, HEAD.learning_rate, HEAD.backbone)
    assert 0 < tuned.embedding_rate < 0.1
    assert fine_tuning(tuned) == fine_tuning(Recipe()) == ()


def test_features_are_kept_as_long_as_nothing_before_them_changes():
    assert takes_features(HEAD)
    assert takes_features(dataclasses.replace(HEAD, dropout=0.3, label_smoothing=0.1, test_time="mirror"))
    for edit in ({"n_unfrozen": 1}, {"rotation": 5.0}, {"mixup": 0.2}, {"family": "convnet"}):
        assert not takes_features(dataclasses.replace(HEAD, **edit)), edit
