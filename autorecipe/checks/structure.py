"""What several checks ask of the rows as a whole: noise, groups and time. Looked for once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from autorecipe.checks.cheap_model import whole_score
from autorecipe.checks.group_gap import KeyGap, strongest_key
from autorecipe.checks.null_band import null_band
from autorecipe.checks.time_gap import TimeGap, strongest_date

if TYPE_CHECKING:
    from autorecipe.checks.rows import TrainingRows


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: cached_property needs a __dict__
class Structure:
    """What lies behind the scores of the training rows' columns."""

    rows: TrainingRows

    @cached_property
    def null_band(self) -> float:
        """What the best column of a table of noise of this size stays below in 99.9 % of cases."""
        return null_band(self.rows)

    @cached_property
    def whole_score(self) -> float:
        """ROC AUC or R2 of a small model of all columns."""
        return whole_score(self.rows)

    @cached_property
    def group(self) -> KeyGap | None:
        """The column whose rows give each other away; None without any, or where groups are declared."""
        return None if self.rows.config.split_by_group else strongest_key(self.rows)

    @cached_property
    def time(self) -> TimeGap | None:
        """The date after which a model does worse; None without any, or where time is declared."""
        return None if self.rows.config.split_by_time else strongest_date(self.rows)
