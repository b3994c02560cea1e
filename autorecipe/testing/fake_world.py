"""A clock that waits for nobody, and a store without a disk."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from autorecipe.config import StageName
from autorecipe.record.run import Run
from autorecipe.record.stage import StagePlan


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when told to.

    Attributes
    ----------
    limit_s, used_s : float
        Seconds in all, and seconds used so far.
    stopped : bool
        What `interrupted` answers.
    """

    limit_s: float = math.inf
    used_s: float = 0.0
    stopped: bool = False

    def spend(self, seconds: float) -> None:
        """Let seconds go by."""
        self.used_s += seconds

    def now_s(self) -> float:
        """Return the seconds used."""
        return self.used_s

    def left_s(self) -> float:
        """Return the seconds left."""
        return self.limit_s - self.used_s

    def interrupted(self) -> bool:
        """Return `stopped`."""
        return self.stopped


@dataclass(slots=True)
class MemoryStore:
    """Keeps what is saved in lists.

    Attributes
    ----------
    runs : list of Run
    events : list of (kind, text)
    plans : dict of stage to StagePlan
        Of stages that have begun and not ended.
    """

    runs: list[Run] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    plans: dict[StageName, StagePlan] = field(default_factory=dict)

    def save(self, run: Run) -> None:
        """Append the run, and forget the plans of the stages that it has ended."""
        self.runs.append(run)
        self.plans = {stage: plan for stage, plan in self.plans.items() if not run.has_whole(stage)}

    def event(self, kind: str, text: str) -> None:
        """Append the event."""
        self.events.append((kind, text))

    def plan(self, stage: StageName) -> StagePlan | None:
        """Return a plan that was kept."""
        return self.plans.get(stage)

    def save_plan(self, stage: StageName, plan: StagePlan) -> None:
        """Keep a plan."""
        self.plans[stage] = plan
