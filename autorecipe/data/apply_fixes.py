"""What fixes say, done to raw cells: columns and rows are left out, cells emptied, merged or read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_text
from autorecipe.data.evidence import gather, read_numbers
from autorecipe.data.keys import before_separator
from autorecipe.data.kinds import best_date_format
from autorecipe.data.number_rules import number_rule
from autorecipe.data.parse_texts import parse_days, parse_numbers
from autorecipe.data.patterns import Texts, full_match, is_in, strip
from autorecipe.fix import Equal, Fix, FixKind

# columns first, as a row's number is that of the file; rows next, so that cells are counted in rows that stay; cells
# are emptied before and after they are read, since a value may be what was written or what was read
ORDER: tuple[FixKind, ...] = (
    "add column",
    "drop rows",
    "merge values",
    "mask values",
    "parse column",
    "mask values",
    "drop column",
)
DATES = frozenset({"date", "datetime"})  # what `Fix.to` calls a column of dates; anything else is a number
N_ROWS_NAMED = 10  # of those left out
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One thing that was done.

    Attributes
    ----------
    column : str
        Where; "" for rows.
    n : int
        Rows that were left out, or cells that were changed; all cells of a column that was left out.
    n_emptied : int
        Of a column that was read: its cells that were no number or date, and are missing now.
    values : tuple of str
        The cells that were emptied or merged, as the fix names them.
    to : str
        What they became, or what the column was read as.
    rows : tuple of int
        Of rows that were left out, the first ten as the fix names them.
    equal : str
        In what these equal an earlier row, as the fix says it.
    place : int
        Place of the fix among those that were carried out.
    """

    kind: FixKind
    column: str
    n: int
    n_emptied: int = 0
    values: tuple[str, ...] = ()
    to: str = ""
    rows: tuple[int, ...] = ()
    equal: Equal = ""
    place: int = 0


def apply_fixes(
    frame: pd.DataFrame,
    fixes: Sequence[Fix],
    row_numbers: NDArray[np.int64],
    *,
    target: str = "",
) -> tuple[pd.DataFrame, tuple[Applied, ...]]:
    """Carry fixes out on a table of raw cells.

    Parameters
    ----------
    fixes : sequence of Fix
        Those that change neither cells, columns nor rows ("ask", "split by group") are passed over.
    row_numbers : int ndarray, shape (n_rows,)
        What `Fix.rows` calls the rows.
    target : str
        Whose cells are never touched.

    Returns
    -------
    frame : DataFrame
        Rows and columns in their order, new columns last; the index still says which rows of `frame` they were.
    applied : tuple of Applied
        Only what changed something.
    """
    kept, applied = frame, list[Applied]()
    numbers = pd.Series(row_numbers, index=frame.index)
    for kind in ORDER:
        for place, fix in enumerate(fixes):
            if fix.kind != kind:
                continue
            if kind == "drop rows":
                kept, done = _without_rows(kept, fix, numbers)
            elif kind == "add column":
                kept, done = _with_column(kept, fix, numbers)
            else:
                kept, done = _on_columns(kept, fix, target=target)
            applied += [replace(what, place=place) for what in done]
    return kept, _joined(applied)


def _without_rows(frame: pd.DataFrame, fix: Fix, numbers: pd.Series) -> tuple[pd.DataFrame, list[Applied]]:
    own = numbers[frame.index].to_numpy()
    left_out = np.isin(own, fix.rows)
    if not left_out.any():
        return frame, []
    shown = tuple(own[left_out][:N_ROWS_NAMED].tolist())
    return frame[~left_out], [Applied(kind=fix.kind, column="", n=int(left_out.sum()), rows=shown, equal=fix.equal)]


def _with_column(frame: pd.DataFrame, fix: Fix, numbers: pd.Series) -> tuple[pd.DataFrame, list[Applied]]:
    sources = [name for name in frame.columns if str(name).strip() in {c.strip() for c in fix.columns}]
    if fix.to in {str(name).strip() for name in frame.columns} or len(sources) != len(fix.columns):
        return frame, []
    cells = numbers[frame.index] if not sources else before_separator(frame[sources[0]])
    source = str(sources[0]) if sources else ""
    return frame.assign(**{fix.to: cells}), [Applied(kind=fix.kind, column=source, n=len(frame), to=fix.to)]


def _on_columns(frame: pd.DataFrame, fix: Fix, *, target: str) -> tuple[pd.DataFrame, list[Applied]]:
    wanted = {name.strip() for name in fix.columns} - {target.strip()}
    columns = [name for name in frame.columns if str(name).strip() in wanted]
    if fix.kind == "drop column":
        done = [Applied(kind=fix.kind, column=str(name), n=len(frame)) for name in columns]
        return frame.drop(columns=columns), done
    changed, applied = {}, []
    for name in columns:
        cells, what = _CELLS[fix.kind](frame[name], fix)
        if what.n:
            changed[name] = cells
            applied.append(what)
    return frame.assign(**changed) if changed else frame, applied


def _mask(cells: pd.Series, fix: Fix) -> tuple[pd.Series, Applied]:
    texts = strip(to_text(cells))
    hit = is_in(texts, fix.values) & (texts != "")
    what = Applied(kind=fix.kind, column=str(cells.name), n=int(hit.sum()), values=fix.values)
    return _emptied(cells, hit), what


def _merge(cells: pd.Series, fix: Fix) -> tuple[pd.Series, Applied]:
    texts = to_text(cells)
    hit = is_in(strip(texts), fix.values) & (texts != fix.to)
    what = Applied(kind=fix.kind, column=str(cells.name), n=int(hit.sum()), values=fix.values, to=fix.to)
    return pd.Series(np.where(hit, fix.to, texts), index=cells.index, name=cells.name, dtype="str"), what


def _parse(cells: pd.Series, fix: Fix) -> tuple[pd.Series, Applied]:
    texts = strip(to_text(cells))
    read = _as_dates(cells, texts) if fix.to in DATES else _as_numbers(cells, texts)
    if read is cells:  # nothing in it is a number or a date
        return cells, Applied(kind=fix.kind, column=str(cells.name), n=0)
    after = to_text(read)
    is_plain = np.zeros(len(texts), np.bool_) if fix.to in DATES else full_match(texts, number_rule("plain").pattern)
    changed = (after != texts) & (texts != "") & ~is_plain  # 1.50 and 1.5 are one number
    what = Applied(
        kind=fix.kind,
        column=str(cells.name),
        n=int(changed.sum()),
        n_emptied=int((changed & (after == "")).sum()),
        to=fix.to,
    )
    return read, what


_CELLS: dict[FixKind, Callable[[pd.Series, Fix], tuple[pd.Series, Applied]]] = {
    "mask values": _mask,
    "merge values": _merge,
    "parse column": _parse,
}


def _emptied(cells: pd.Series, hit: NDArray[np.bool_]) -> pd.Series:
    if pd.api.types.is_string_dtype(cells.dtype):
        return cells.mask(hit, "")
    return cells.mask(hit)


def _as_numbers(cells: pd.Series, texts: Texts) -> pd.Series:
    evidence = gather(cells, str(cells.name))
    reading = read_numbers(evidence, least=0.0)
    if reading is None:
        return cells
    numbers = parse_numbers(texts, number_rule(reading.rule))
    return pd.Series(numbers, index=cells.index, name=cells.name)


def _as_dates(cells: pd.Series, texts: Texts) -> pd.Series:
    best = best_date_format(gather(cells, str(cells.name)))
    if best is None:
        return cells
    days = parse_days(texts, best[0])
    seconds = np.round(np.where(np.isnan(days), 0.0, days) * _SECONDS_PER_DAY).astype("datetime64[s]")
    has_times = bool((seconds[~np.isnan(days)] != seconds[~np.isnan(days)].astype("datetime64[D]")).any())
    written = np.char.replace(np.datetime_as_string(seconds, unit="s" if has_times else "D"), "T", " ")
    return pd.Series(np.where(np.isnan(days), "", written), index=cells.index, name=cells.name, dtype="str")


def _joined(applied: Sequence[Applied]) -> tuple[Applied, ...]:
    """Join what the two looks for a value have emptied, so that each thing is said once."""
    found: dict[tuple[object, ...], Applied] = {}
    for what in applied:
        key = (what.place, what.column)
        earlier = found.get(key)
        found[key] = what if earlier is None else _sum(earlier, what)
    return tuple(found.values())


def _sum(one: Applied, other: Applied) -> Applied:
    return replace(one, n=one.n + other.n, n_emptied=one.n_emptied + other.n_emptied)
