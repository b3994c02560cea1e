"""What TensorBoard shows of a run: curves of each fit, the tuned recipes with their scores, histograms."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.histogram_pb2 import HistogramProto
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams.summary_v2 import hparams_pb

from autorecipe.change import value_of
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit, Trial
from autorecipe.training.histograms import Histogram

MAX_NAME = 80  # characters of a fit's title in the name of its folder
FILE_NAME = "events.out.tfevents."  # what TensorBoard takes for a file of its own
FILE_VERSION = "brain.Event:2"  # opens every such file


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Where the curves of a run's fits go.

    Attributes
    ----------
    folder : Path
        Where TensorBoard is pointed: `tensorboard --logdir FOLDER`.
    metric : str
        Name of the deciding metric.
    """

    folder: Path
    metric: str

    def write(self, title: str, fit: Fit, histograms: Sequence[Histogram] = ()) -> Path:
        """Write a fit's losses, learning rate and gradient norms per epoch, and its score at the epoch that was kept.

        All of a fit is one file, written at once when it has ended. A fit that was written before, and is only
        remembered now, is not written twice.

        Parameters
        ----------
        title : str
            What the fit is called: "mlp 2x64, rate 1.0e-03".
        histograms : sequence of Histogram
            Of its weights and gradients.

        Returns
        -------
        Path
            The subfolder, named by the title, the fold and the fit's key.
        """
        own = self.folder / f"{_plain(title)}-fold{fit.fold}-{fit.key}"
        if fit.history.train_loss:
            _write(own, (*_curve_events(fit, self.metric), *(_histogram_event(h) for h in histograms)))
        return own

    def write_tuned(self, trials: Sequence[Trial]) -> tuple[Path, ...]:
        """Write each tuned trial for the table of hyperparameters: the knobs that were turned, and its score.

        Knobs that all trials share are left out, and trials of one recipe alone have nothing to show. The score is the
        deciding one, the mean over the folds.

        Returns
        -------
        tuple of Path
            A subfolder for each trial that was trained.
        """
        recipes = [trial.recipe for trial in trials if trial.recipe is not None]
        knobs = _turned(recipes)
        found: dict[Path, None] = {}
        for trial in trials if knobs else ():
            if trial.recipe is None or trial.status == "failed" or not math.isfinite(trial.validation_score):
                continue
            own = self.folder / f"{_plain(trial.name)}-{trial.recipe.key}"
            if own not in found:
                _write(own, _tuned_events(trial, trial.recipe, knobs=knobs, metric=self.metric))
            found[own] = None
        return tuple(found)


def _curve_events(fit: Fit, metric: str) -> Iterable[Event]:
    history = fit.history
    curves = {
        "loss/train": history.train_loss,
        "loss/validation": history.validation_loss,
        "learning_rate": history.learning_rate,
        "gradient_norm/mean": history.gradient_norm,
        "gradient_norm/peak": history.peak_gradient_norm,
    }
    for i in range(len(history.train_loss)):
        values = {name: curve[i] for name, curve in curves.items() if i < len(curve)}
        yield _scalars(values, step=i + 1)
    yield _scalars({f"score/{metric}": fit.validation_score}, step=fit.best_epoch)


def _scalars(values: dict[str, float], *, step: int) -> Event:
    shown = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
    return Event(wall_time=time.time(), step=step, summary=Summary(value=shown))


def _histogram_event(histogram: Histogram) -> Event:
    own = HistogramProto(
        min=histogram.edges[0],
        max=histogram.edges[-1],
        num=sum(histogram.counts),
        sum=histogram.total,
        sum_squares=histogram.total_squares,
        bucket_limit=histogram.edges[1:],
        bucket=histogram.counts,
    )
    shown = Summary.Value(tag=histogram.name, histo=own)
    return Event(wall_time=time.time(), step=histogram.epoch, summary=Summary(value=[shown]))


def _tuned_events(trial: Trial, recipe: Recipe, *, knobs: Sequence[str], metric: str) -> Iterable[Event]:
    ended_s = time.time()
    settings = {knob: value_of(recipe, knob) for knob in knobs}
    began = hparams_pb(settings, trial_id=recipe.key, start_time_secs=ended_s - trial.seconds)
    yield Event(wall_time=ended_s, summary=began)
    yield _scalars({f"score/{metric}": trial.validation_score, "seconds": trial.seconds}, step=0)
    ended = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=ended_s)
    data = plugin_data_pb2.HParamsPluginData(session_end_info=ended)
    shown = Summary.Value(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(data),
        tensor=metadata.NULL_TENSOR,
    )
    yield Event(wall_time=ended_s, summary=Summary(value=[shown]))


def _turned(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Return the fields, and the knobs of a custom family, in which recipes differ."""
    if not recipes:
        return ()
    names = [name for name in Recipe.__dataclass_fields__ if name not in ("knobs", "seed")]
    shared = set.intersection(*({name for name, _ in recipe.knobs} for recipe in recipes))
    names += [f"knobs.{name}" for name, _ in recipes[0].knobs if name in shared]
    return tuple(name for name in names if len({value_of(recipe, name) for recipe in recipes}) > 1)


def _write(folder: Path, events: Iterable[Event]) -> None:
    """Write a folder's file of events, unless it has one: plain records, as TensorFlow's own summaries take longer."""
    if any(folder.glob(f"{FILE_NAME}*")):
        return
    now_s, part = time.time(), folder / "curves.part"  # a name that TensorBoard passes over until the file is whole
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tf.io.TFRecordWriter(str(part)) as file:
            file.write(Event(wall_time=now_s, file_version=FILE_VERSION).SerializeToString())
            for event in events:
                file.write(event.SerializeToString())
        part.rename(folder / f"{FILE_NAME}{int(now_s)}.autorecipe")
    except (OSError, tf.errors.OpError) as error:
        raise UserError(
            f"cannot write curves to '{folder.parent}': {error}",
            where="--tensorboard",
            fix="make room there, or name another folder, and give the same command again",
        ) from error


def _plain(title: str) -> str:
    """Return a title as a name that every file system takes."""
    return re.sub(r"[^\w.+-]+", "_", title)[:MAX_NAME].strip("_.")
