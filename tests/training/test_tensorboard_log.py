from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit, History, Trial

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from tensorboard.plugins.hparams import metadata  # noqa: E402

from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.training.histograms import HistogramLog, histograms_of  # noqa: E402
from autorecipe.training.inspect_network import inspector  # noqa: E402
from autorecipe.training.tensorboard_log import Curves  # noqa: E402

HISTORY = History(
    train_loss=(0.9, 0.5),
    validation_loss=(0.95, 0.6),
    learning_rate=(1e-3, 5e-4),
    gradient_norm=(1.5, 0.5),
    peak_gradient_norm=(3.0, 1.0),
)
FIT = Fit(key="abc", fold=2, history=HISTORY, best_epoch=2, validation_score=0.87)
START = Recipe(width=32)
WIDE = dataclasses.replace(START, width=64, learning_rate=3e-3)


def values_of(folder):
    """Every value in a folder's files."""
    for file in folder.iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            yield from ((event.step, value) for value in event.summary.value)


def written(folder):
    """Every scalar in a folder: {(name, step): value}."""
    found = ((step, value) for step, value in values_of(folder) if value.WhichOneof("value") == "simple_value")
    return {(value.tag, step): value.simple_value for step, value in found}


def knobs_of(folder):
    """The hyperparameters of a folder as TensorBoard's plugin reads them."""
    starts = [value for _, value in values_of(folder) if value.tag == metadata.SESSION_START_INFO_TAG]
    known = metadata.parse_session_start_info_plugin_data(starts[0].metadata.plugin_data.content)
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in known.hparams.items()}


def trial(name, recipe, score, *, status="ok"):
    return Trial(name=name, recipe=recipe, fits=(Fit(key=name, fold=0, status=status, validation_score=score),))


@pytest.fixture
def curves(tmp_path):
    return Curves(folder=tmp_path / "curves", metric="roc_auc")


def test_losses_rate_and_gradients_are_written_epoch_by_epoch_and_the_score_at_the_kept_one(curves):
    folder = curves.write("mlp 2x64, rate 1.0e-03", FIT)
    assert folder.name == "mlp_2x64_rate_1.0e-03-fold2-abc"
    assert written(folder) == pytest.approx(
        {
            ("loss/train", 1): 0.9,
            ("loss/train", 2): 0.5,
            ("loss/validation", 1): 0.95,
            ("loss/validation", 2): 0.6,
            ("learning_rate", 1): 1e-3,
            ("learning_rate", 2): 5e-4,
            ("gradient_norm/mean", 1): 1.5,
            ("gradient_norm/mean", 2): 0.5,
            ("gradient_norm/peak", 1): 3.0,
            ("gradient_norm/peak", 2): 1.0,
            ("score/roc_auc", 2): 0.87,
        }
    )


def test_a_remembered_fit_is_not_written_twice(curves):
    folder = curves.write("net", FIT)
    curves.write("net", FIT)
    assert len(list(folder.iterdir())) == 1


def test_what_a_dying_process_left_is_written_again(curves):
    folder = curves.folder / "net-fold2-abc"
    folder.mkdir(parents=True)
    (folder / "curves.part").write_bytes(b"half")
    curves.write("net", FIT)
    assert ("loss/train", 2) in written(folder)


def test_what_has_no_curves_leaves_no_folder(curves):
    curves.write("constant", Fit(key="abc", fold=0))
    assert not curves.folder.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="cannot write curves to"):
        Curves(folder=tmp_path / "file", metric="rmse").write("net", FIT)


def test_tuned_trials_show_the_knobs_that_were_turned_beside_their_score(curves):
    start, wide = curves.write_tuned((trial("tuner 1", START, 0.8), trial("tuner 2", WIDE, 0.9)))
    assert knobs_of(start) == {"width": 32.0, "learning_rate": 1e-3}
    assert knobs_of(wide) == {"width": 64.0, "learning_rate": 3e-3}
    assert written(wide)["score/roc_auc", 0] == pytest.approx(0.9)
    assert [value.tag for _, value in values_of(wide)][-1] == metadata.SESSION_END_INFO_TAG


def test_tensorboard_groups_each_tuned_trial_with_its_knobs_and_its_score(curves):
    from tensorboard import context
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, get_experiment, list_session_groups
    from tensorboard.plugins.hparams.backend_context import Context

    curves.write("net", FIT)  # a fit alone is no trial
    curves.write_tuned((trial("tuner 1", START, 0.8), trial("tuner 2", WIDE, 0.9)))
    runs = EventMultiplexer().AddRunsFromDirectory(str(curves.folder))
    runs.Reload()
    backend = Context(TBContext(data_provider=MultiplexerDataProvider(runs, str(curves.folder))))
    asked = context.RequestContext()
    known = get_experiment.Handler(asked, backend, "", api_pb2.GetExperimentRequest(hparams_limit=100)).run()
    columns = [api_pb2.ColParams(metric=own.name) for own in known.metric_infos]
    columns += [api_pb2.ColParams(hparam=own.name) for own in known.hparam_infos]
    wanted = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=[api_pb2.STATUS_SUCCESS], slice_size=9, include_metrics=True, col_params=columns
    )
    shown = list_session_groups.Handler(asked, backend, "", wanted).run().session_groups
    rates = {group.name: group.hparams["learning_rate"].number_value for group in shown}
    scores = {
        group.name: own.value for group in shown for own in group.metric_values if own.name.tag == "score/roc_auc"
    }
    assert rates == {START.key: 1e-3, WIDE.key: 3e-3}
    assert scores == pytest.approx({START.key: 0.8, WIDE.key: 0.9})


def test_tuned_trials_are_there_before_the_run_has_ended(tmp_path):
    from autorecipe.budget import Start
    from autorecipe.config import Config
    from autorecipe.record.stage import StageResult
    from autorecipe.report.progress import QuietProgress
    from autorecipe.store.choose import Choice
    from autorecipe.testing import make_run
    from autorecipe.workbench import Workbench

    trials = (trial("tuner 1", START, 0.8), trial("tuner 2", WIDE, 0.9))
    run = make_run(stages=(StageResult(stage="tune", question="?", trials=trials),))
    choice = Choice(path=tmp_path / "run")
    with Workbench(choice, Config(), start=Start.of("call"), progress=QuietProgress()) as bench:
        bench.write_so_far(run)
        assert (tmp_path / "run" / "report.html").exists()
        assert {own.name for own in bench.directory.curves_path.iterdir()} == {
            f"tuner_1-{START.key}",
            f"tuner_2-{WIDE.key}",
        }


def test_trials_that_failed_or_have_no_score_are_left_out(curves):
    trials = (
        trial("tuner 1", START, 0.8),
        trial("tuner 2", WIDE, 0.0, status="failed"),
        trial("tuner 3", dataclasses.replace(WIDE, width=8), float("nan")),
        Trial(name="linear", recipe=None, fits=(FIT,)),
    )
    assert [folder.name for folder in curves.write_tuned(trials)] == [f"tuner_1-{START.key}"]


def test_knobs_that_not_all_recipes_have_are_left_out(curves):
    own = dataclasses.replace(START, knobs=(("depth", 2), ("heads", 4)))
    other = dataclasses.replace(START, knobs=(("depth", 3),))
    folder, _ = curves.write_tuned((trial("tuner 1", own, 0.8), trial("tuner 2", other, 0.9)))
    assert knobs_of(folder) == {"knobs.depth": 2.0}


def test_a_recipe_that_was_given_has_no_knobs_to_show(curves):
    assert curves.write_tuned((trial("given recipe", START, 0.8),)) == ()


def test_histograms_count_every_finite_value_of_weights_and_gradients(curves):
    log = HistogramLog()
    kernel = keras.Variable(np.arange(12, dtype="float32").reshape(3, 4), name="kernel")
    gradient = np.array([[0.0, 1.0, np.nan, np.inf]] * 3)
    log.look(0, [kernel], [gradient])
    folder = curves.write("net", FIT, log.take())
    shown = {value.tag: value.histo for _, value in values_of(folder) if value.WhichOneof("value") == "histo"}
    weights, gradients = shown["weights/kernel"], shown["gradients/kernel"]
    assert (weights.num, weights.min, weights.max, weights.sum) == (12, 0, 11, 66)
    assert (gradients.num, gradients.sum) == (6, 3)
    assert len(weights.bucket) == len(weights.bucket_limit) == 30
    assert log.take() == ()


def test_a_new_fit_forgets_what_one_that_failed_left():
    log, kernel = HistogramLog(), keras.Variable(np.zeros((2, 2)), name="kernel")
    for epoch in (0, 1, 0):
        log.look(epoch, [kernel], [np.ones((2, 2))])
    assert {histogram.epoch for histogram in log.take()} == {0}


def test_of_many_values_some_are_counted_and_of_none_nothing():
    (histogram,) = histograms_of("weights/embedding", np.zeros(1_000_000), epoch=0)
    assert 2**15 <= sum(histogram.counts) <= 2**16
    assert histograms_of("gradients/head", np.full(3, np.nan), epoch=0) == ()


def test_every_look_into_a_network_is_shown(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "autorecipe.training.inspect_network.inspect_network", lambda bench, *, epoch, shown: shown(epoch, [], [])
    )
    inspector(lambda: None, FakeClock(), shown=lambda *look: seen.append(look))(4)
    assert seen == [(4, [], [])]
