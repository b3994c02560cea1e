"""A run's journal that is also told to whoever watches."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.config import StageName
from autorecipe.effects import Store
from autorecipe.record.run import Run
from autorecipe.record.stage import StagePlan
from autorecipe.report.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldJournal:
    """A store that tells a stage's plan while the stage begins (`autorecipe.effects.Store`).

    Parameters
    ----------
    store : Store
        Keeps everything.
    stage : str
        The stage that writes.
    """

    store: Store
    progress: Progress
    stage: StageName

    def save(self, run: Run) -> None:
        """Keep the run."""
        self.store.save(run)

    def event(self, kind: str, text: str) -> None:
        """Append a line to the journal, and tell it when it is a plan."""
        self.store.event(kind, text)
        if kind == "plan":
            self.progress.planned(self.stage, text)

    def plan(self, stage: StageName) -> StagePlan | None:
        """Return what a stage had planned before it was broken off."""
        return self.store.plan(stage)

    def save_plan(self, stage: StageName, plan: StagePlan) -> None:
        """Keep a stage's plan until its result is saved."""
        self.store.save_plan(stage, plan)
