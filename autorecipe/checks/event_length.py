"""The column that is called like the length of an event and says far more of the target than any other."""

from __future__ import annotations

from autorecipe.checks.rows import TrainingRows
from autorecipe.data.names import words

LENGTHS = frozenset({"duration", "durations", "elapsed"})  # words that are a length of time alone
MEASURES = frozenset({"length", "len", "time", "seconds", "secs", "minutes", "mins", "hours", "days"})
EVENTS = frozenset({"call", "talk", "visit", "session", "stay", "trip", "spent"})
AUC_LIMIT, R2_LIMIT = 0.7, 0.3  # lower 95 % bound; choice
FAR_AHEAD = 1.5  # times what the next best column reaches above chance; choice


def event_length(rows: TrainingRows) -> tuple[str, str]:
    """Return that column and the next best one; empty names where the best is none, or not far ahead."""
    ranked = sorted(rows.scores.items(), key=lambda item: -item[1].value)
    if len(ranked) < 2:
        return "", ""
    (column, best), (rival, second) = ranked[:2]
    chance, least = (0.0, R2_LIMIT) if rows.is_regression else (0.5, AUC_LIMIT)
    is_ahead = best.lower - chance >= FAR_AHEAD * (second.value - chance)
    return (column, rival) if is_event_length(column) and is_ahead and best.lower >= least else ("", "")


def is_event_length(column: str) -> bool:
    """Does a name speak of how long something lasted?

    >>> is_event_length("call_duration"), is_event_length("lengthOfStay"), is_event_length("sepal length")
    (True, True, False)
    """
    found = frozenset(words(column))
    return bool(found & LENGTHS) or bool(found & MEASURES and found & EVENTS)
