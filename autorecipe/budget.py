"""The clock, the shares and the plan: how the seconds of a run are given out."""

from __future__ import annotations

import copy
import math
import re
import threading
import time
from dataclasses import dataclass
from typing import Literal, Self

from autorecipe.config import StageName
from autorecipe.errors import UserError
from autorecipe.pace import Pace

# Shares of the searchable time. Choice: another family gains more than any setting of a plain net does.
STAGE_SHARES: dict[StageName, float] = {
    "baseline": 0.10,
    "overfit": 0.35,
    "regularize": 0.20,
    "tune": 0.20,
    "squeeze": 0.15,
}
SAFETY = 1.1  # factor on estimated seconds: a busy machine; choice
# of what is left that may be kept for the last stage. Choice: while families are compared a better network is worth
# more than copies of a worse one; after that a bag gains 5 to 8 % (RealMLP, table B.4), more than most settings do
MAX_LAST_SHARES: dict[StageName, float] = {"baseline": 0.5, "overfit": 0.4, "regularize": 0.9, "tune": 0.9}
MAX_RESERVE_SHARE = 0.5  # of the time that the search begins with, so that there is always something left for it
SHORT_S = 30.0  # to begin with: below it, evaluating, exporting and proving would not fit into that share; choice
LEAST_SEARCH_S = 5.0  # seconds that a short time leaves the search; enough for a linear model and one small network
# of the reserve that the end takes on an idle machine, besides a look into the model, which is left out when time is
# short (measured: 3.4 of 7.3 s for a table of 20,000 rows, 2.8 of 6.6 s for one of 333)
USED_SHARE = 0.5
# seconds before the limit at which the proof's fresh process begins to import TensorFlow, which takes it 3 to 7 s of an
# idle core, and 40 to 60 s of a core that is shared by eight (measured)
PROOF_LEAD_S = 120.0
MOST_SLOWNESS = 16.0  # beyond it the machine stood still for a moment, which says nothing of the end; choice

_IMPORTED_S = time.monotonic()
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How a run's seconds are shared out.

    Attributes
    ----------
    limit_s : float
        Run seconds at which everything must have ended.
    reserve_s : float
        Seconds kept back from `limit_s` to evaluate, export, prove and report, on a machine that does nothing else.
    least_end_s : float
        Run seconds before which no slowness ends the search, so that one network is trained; `search_end_s` does.
    shares : tuple of (stage, float)
        Relative shares of the searchable time, in the order of work.
    """

    limit_s: float
    reserve_s: float
    shares: tuple[tuple[StageName, float], ...]
    least_end_s: float = 0.0

    @property
    def search_end_s(self) -> float:
        """Run seconds at which the last stage must end, on a machine that does nothing else."""
        return self.limit_s - self.reserve_s

    def end_at(self, slowness: float) -> float:
        """Return the run second at which the last stage must end when all that follows takes so many times as long.

        The reserve is more than the end of a run mostly takes: a slowness that this covers costs the search nothing.
        """
        end_s = self.limit_s - max(1.0, USED_SHARE * min(slowness, MOST_SLOWNESS)) * self.reserve_s
        return max(end_s, min(self.least_end_s, self.search_end_s))


def plan_budget(
    limit_s: float, *, startup_s: float, ending_s: float, stages: tuple[StageName, ...], now_s: float = 0.0
) -> Budget:
    """Share out the time limit over the stages that will be worked through.

    Parameters
    ----------
    limit_s : float > 0
        Run seconds at which everything must have ended.
    startup_s : float
        Seconds that starting and importing took. The proof of the export starts a fresh process, which takes
        them again: from `PROOF_LEAD_S` before the limit, so that only what is left of them at the end is waited for.
    ending_s : float
        Seconds that the end of the run takes on an idle machine, besides that process; see `end_cost.ending_s`.
    stages : tuple of str
        In the order of work; "profile" has no share, since it has ended before the search begins.
    now_s : float
        Run seconds at which the search begins.

    Notes
    -----
    At most half of the time that the search begins with is kept back; of a short one all but `LEAST_SEARCH_S`, since
    what is not kept back for the end is taken from beyond the limit.
    """
    left_s = max(0.0, limit_s - now_s)
    wanted_s = SAFETY * ending_s
    wanted_s += max(0.0, SAFETY * startup_s - max(0.0, min(PROOF_LEAD_S, left_s) - wanted_s))
    most_s = MAX_RESERVE_SHARE * left_s
    if left_s < SHORT_S:
        most_s = max(most_s, left_s - LEAST_SEARCH_S)
    reserve_s = min(wanted_s, most_s)
    shares = tuple((stage, STAGE_SHARES[stage]) for stage in stages if stage in STAGE_SHARES)
    return Budget(limit_s=limit_s, reserve_s=reserve_s, shares=shares, least_end_s=now_s + LEAST_SEARCH_S)


def stage_deadline_s(
    budget: Budget,
    stage: StageName,
    *,
    now_s: float,
    last_s: float = 0.0,
    least_s: float = 0.0,
    slowness: float = 1.0,
) -> float:
    """Return the run second at which a stage that starts now must end.

    What is left is shared in proportion to the shares of this stage and the later ones, so that time that an
    earlier stage did not use flows on.

    Parameters
    ----------
    last_s : float
        Seconds that the last stage is known to need; at most the share of what is left that `MAX_LAST_SHARES` names is
        kept for it. 0 while they are not known: it then has a share like the others.
    least_s : float
        Seconds below which the stage could try next to nothing; it has them, where they are left, at the cost of the
        later ones.
    slowness : float
        How many times as long as on an idle machine the end of the run will take.

    Raises
    ------
    ValueError
        When the budget has no share for the stage.
    """
    names = [name for name, _ in budget.shares]
    if stage not in names:
        raise ValueError(f"no share for stage '{stage}': the budget has {', '.join(names) or 'none'}")
    left_s = max(0.0, budget.end_at(slowness) - now_s)
    later = dict(budget.shares[names.index(stage) :])
    if last_s > 0 and stage != names[-1]:
        left_s -= min(last_s, MAX_LAST_SHARES[stage] * left_s)
        del later[names[-1]]
    share_s = left_s * (later[stage] / sum(later.values()))
    return now_s + max(share_s, min(least_s, left_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Since when a run's seconds count.

    Attributes
    ----------
    at_s : float
        As `time.monotonic()` counts.
    is_process : bool
        Whether it is the start of a process of the run's own, the command line's.
    """

    at_s: float
    is_process: bool = False

    @classmethod
    def of(cls, what: Literal["call", "process"]) -> Self:
        """Return the start of a call, which is now, or that of the command line's process, imports included.

        That is when this module was imported, which the command line does first. The operating system's start of the
        process would not do: a shell that becomes its last command (`bash -c "a && b"`) hands on its own.
        """
        return cls(at_s=time.monotonic()) if what == "call" else cls(at_s=_IMPORTED_S, is_process=True)


class WallClock:
    """The time that is left, by the clock on the wall.

    Parameters
    ----------
    deadline_s : float
        Run seconds at which the holder must have ended; earlier sessions count.
    start : Start or None
        Since when the seconds count; None for now.
    already_spent_s : float
        Seconds that earlier sessions of the same run used.
    stop : threading.Event or None
        Set by whoever hears that the user wants to stop; shared by all narrower clocks.
    pace : Pace or None
        Measures how slow the machine is; shared by all narrower clocks.
    """

    def __init__(
        self,
        deadline_s: float,
        *,
        start: Start | None = None,
        already_spent_s: float = 0.0,
        stop: threading.Event | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.deadline_s = deadline_s
        self._stop, self._pace = stop or threading.Event(), pace or Pace()
        self._budget: Budget | None = None
        self._is_over = False
        self._zero_s = (start or Start.of("call")).at_s - already_spent_s

    def now_s(self) -> float:
        """Return the seconds that this run has used so far, earlier sessions included."""
        return time.monotonic() - self._zero_s

    def left_s(self) -> float:
        """Return the seconds left to the holder of this clock, never below 0.

        They become fewer when the machine becomes slower, as what comes after the holder will then take longer.
        """
        end_s, budget = self.deadline_s, self._budget
        if budget is not None and budget.end_at(MOST_SLOWNESS) < end_s:  # else no slowness matters yet
            end_s = min(end_s, budget.end_at(self.slowness()))
        left_s = max(0.0, end_s - self.now_s())
        # what was stopped stays stopped, or a training that was cut short would be taken for a whole one
        self._is_over = self._is_over or left_s == 0.0
        return 0.0 if self._is_over else left_s

    def slowness(self) -> float:
        """Return how many times as long as on an idle machine work takes now; at least 1."""
        return self._pace.slowness()

    def interrupted(self) -> bool:
        """Return whether the user asked to stop searching and finish."""
        return self._stop.is_set()

    def until(self, deadline_s: float, *, budget: Budget | None = None) -> WallClock:
        """Return a clock that ends at `deadline_s`, and never after this one.

        Parameters
        ----------
        budget : Budget or None
            What it keeps back is kept, however slow the machine becomes meanwhile.
        """
        narrower = copy.copy(self)
        narrower.deadline_s, narrower._budget = min(self.deadline_s, deadline_s), budget or self._budget
        narrower._is_over = False
        return narrower


def parse_duration(text: str) -> float:
    """Read a duration in seconds from "90s", "2m", "1h30m", "1.5h" or "45" (seconds).

    Raises
    ------
    UserError
        When the text is none of these, or not more than 0 seconds.
    """
    folded = text.strip().casefold()
    fix = 'write it as "90s", "2m", "1h", "1h30m" or "45" (seconds)'
    if _SECONDS.fullmatch(folded):
        seconds = float(folded)
    elif folded and (match := _DURATION.fullmatch(folded)):
        hours, minutes, rest = (float(part or 0) for part in match.groups())
        seconds = 3600 * hours + 60 * minutes + rest
    else:
        raise UserError(f"not a duration: '{text}'", where="--time-limit", fix=fix)
    if not 0 < seconds < math.inf:
        raise UserError(f"a duration must be more than 0 seconds, not '{text}'", where="--time-limit", fix=fix)
    return seconds


def format_duration(seconds: float) -> str:
    """Write seconds for people.

    >>> format_duration(118), format_duration(0.93), format_duration(24.2), format_duration(3720)
    ('1m58s', '0.9s', '24s', '1h02m')
    """
    seconds = max(0.0, seconds)
    if round(seconds, 1) < 10:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h{minutes % 60:02d}m"
