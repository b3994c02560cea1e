"""Tells the progress, the disk and TensorBoard of every fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autorecipe.config import StageName
from autorecipe.effects import Clock
from autorecipe.record.trial import Fit
from autorecipe.report.progress import Progress
from autorecipe.store.directory import RunDirectory

if TYPE_CHECKING:
    from autorecipe.training.histograms import HistogramLog
    from autorecipe.training.tensorboard_log import Curves


@dataclass(slots=True, kw_only=True)
class ToldFits:
    """Tells of every fit of a stage, as it is trained or remembered.

    Attributes
    ----------
    clock : Clock
        Of the run.
    sign : int
        1 where a high score is good, else -1.
    histograms : HistogramLog or None
        What the fit that has just ended left of its weights and gradients; None where none were asked for.
    best : float or None
        The best score of the stage so far.
    """

    stage: StageName
    progress: Progress
    directory: RunDirectory
    clock: Clock
    sign: int
    curves: Curves
    histograms: HistogramLog | None = None
    best: float | None = None

    def __call__(self, title: str, fit: Fit) -> None:
        """Tell of one fit."""
        seen = self.histograms.take() if self.histograms is not None else ()
        self.directory.save_spent(self.clock.now_s())
        if fit.status == "failed":
            self.directory.event("failed", f"{title}, fold {fit.fold}: {fit.cause}")
            return
        if self.best is None or self.sign * fit.validation_score > self.sign * self.best:
            self.best = fit.validation_score
        self.curves.write(title, fit, seen)
        self.progress.trial(self.stage, title, fit.validation_score, self.best, self.clock.left_s())
