"""What was done about findings, and what is left to decide: the same words in `fit` and in `profile --fix`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autorecipe.checks.wording import name
from autorecipe.command import command_line
from autorecipe.data.left_out_rows import n_left_out
from autorecipe.fix import Fix, FixKind
from autorecipe.listing import some_of
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run
from autorecipe.report.text_words import Line, Lines, count_text, labelled, sentence_lines

if TYPE_CHECKING:
    from autorecipe.also import Done, Taken
    from autorecipe.data.apply_fixes import Applied
    from autorecipe.fixing import Asked, Fixed

INDENT = 8
COPIES = "D015"  # the check that leaves copies of rows out
MAX_NAMES = 5  # columns named in a line
MAX_FLAGS = 4  # flags of one kind in a line
MAX_VALUES = 3  # cells in a line
VALUE_LENGTH = 20  # characters of a cell


def fixed_lines(fixed: Fixed) -> Lines:
    """Write what `--fix` did, what it left, and the file that it wrote."""
    before = fixed.run.data
    size = f"{count_text(fixed.n_rows, 'row')} x {count_text(fixed.n_columns, 'column')}"
    ids = tuple(column.name for column in fixed.run.schema.columns if column.role == "id")
    done = [line for what in fixed.done for line in labelled("  did", _done_text(what, ids), flag=what.code)]
    if not done:
        done = [*sentence_lines("nothing that was found can be mended without asking: the cells are as they were")]
    return (
        Line(f"{before.name} -> {fixed.path}  {size}", "heading"),
        *(line for note in before.notes for line in labelled("  read", note)),
        *done,
        *(line for one in fixed.also for line in labelled("  also", taken_text(one))),
        *_left_lines(fixed.asked),
    )


def did_lines(run: Run) -> Lines:
    """Write what `fit` does about findings by itself, in the words of `--fix`; nothing where nothing was done."""
    profile = run.profile
    if profile is None:
        return ()
    said = [
        _did(verb, columns)
        for verb, columns in (
            ("left out", _left_out(run, profile)),
            ("took other texts for missing in", _columns_of(profile, "mask values", "mask")),
            ("read as numbers or dates", _columns_of(profile, "parse column", "parse")),
        )
    ]
    copies = n_left_out(profile)
    noun = "copies of earlier training rows" if copies > 1 else "copy of an earlier training row"
    said.append(f"left {copies:,} {noun}, equal in every cell, out of training" if copies else "")
    said.append("drew the split so that near copies of rows lie in one part" if _has_clusters(profile) else "")
    text = "; ".join(part for part in said if part)
    return labelled("  did", text, indent=INDENT) if text else ()


def mending_lines(run: Run) -> Lines:
    """Write how many findings `--fix` would mend; nothing where it would mend none, or the rows are images."""
    found = run.profile.findings if run.profile and run.profile.images is None else ()
    n = sum(any(fix.is_safe for fix in finding.fixes) for finding in found)
    command = command_line(run.config, run.data.path).replace(" fit ", " profile ", 1)
    text = f"{command} --fix -o OUT.csv does what is safe about {count_text(n, 'finding')} in a file of its own"
    return labelled("  fix", text, indent=INDENT, style="dim") if n else ()


def _done_text(what: Done, ids: tuple[str, ...]) -> str:
    text = done_text(what.applied)
    if what.code != COPIES:
        return text
    shown = f": {_rows(what.applied)}" if what.applied.rows else ""
    if what.applied.equal == "features":
        besides = f"all but {_listed(ids)}" if ids else "all that is read of it"
        return f"{text}, equal to an earlier one in {besides}{shown}"
    return f"{text}, copies of earlier rows of the table{shown}"


def _rows(what: Applied) -> str:
    listed = some_of([f"{row:,}" for row in what.rows], len(what.rows), n_all=what.n)
    return f"row {listed}" if what.n == 1 else f"rows {listed}"


def done_text(what: Applied) -> str:
    """Write one thing that was done, with its column and how many cells or rows it changed.

    >>> from autorecipe.data.apply_fixes import Applied
    >>> done_text(Applied(kind="drop rows", column="", n=3))
    'left out 3 rows'
    """
    column, cells = name(what.column), count_text(what.n, "cell")
    if what.kind == "drop rows":
        return f"left out {count_text(what.n, 'row')}"
    if what.kind == "add column":
        source = f"what {column} says before the last separator" if what.column else "the place of each row in the file"
        return f"added the column {name(what.to)}: {source}"
    if what.kind == "drop column":
        return f"left out the column {column}"
    if what.kind == "mask values":
        return f"emptied {cells} of {column} that said {_values(what.values)}"
    if what.kind == "merge values":
        return f"wrote {_value(what.to)} into {cells} of {column} that said {_values(what.values)}"
    lost = f"; {count_text(what.n_emptied, 'cell')} among them held none, and are empty now" if what.n_emptied else ""
    return f"read {cells} of {column} as {_kind(what.to)}{lost}"


def taken_text(what: Taken) -> str:
    """Write what was done because of one `--also`.

    >>> from autorecipe.also import Taken
    >>> taken_text(Taken(flag="D008", columns=("Fuel",), later=("Owner",)))
    '--also D008: Fuel; found after other fixes: Owner'
    """
    parts = [f"{count_text(what.n_rows, 'row')} left out"] if what.n_rows else []
    parts += [_listed(what.columns)] if what.columns else []
    parts += [f"found after other fixes: {_listed(what.later)}"] if what.later else []
    return f"--also {shlex.quote(what.flag)}: {'; '.join(parts) or _untaken_text(what)}"


def _untaken_text(what: Taken) -> str:
    code = what.flag.partition(":")[0].strip().upper()
    if what.is_unasked:
        return f"what {code} mends is done unasked"
    if not what.remedies:
        return "nothing that it mends was found"
    advice = "; ".join(dict.fromkeys(remedy.rstrip(".") for remedy in what.remedies if remedy))
    return f"{code} was found, but no fix of a file exists for it{f': {advice}' if advice else ''}"


def fix_text(fixes: tuple[Fix, ...]) -> str:
    """Write the flags that say fixes to `fit`: those of one kind beside each other, kinds joined by "or"."""
    of_kind: dict[FixKind, list[str]] = {}
    for fix in fixes:
        flags = of_kind.setdefault(fix.kind, [])
        if fix.flag and fix.flag not in flags:
            flags.append(fix.flag)
    return " or ".join(some_of(flags, MAX_FLAGS, between=" ") for flags in of_kind.values() if flags)


def _left_lines(asked: Iterable[Asked]) -> Lines:
    lines: list[Line] = []
    for left in asked:
        finding = left.finding
        text = finding.message.rstrip(".")
        lines += labelled("  left", text, flag=finding.code, style="bad" if finding.severity == "stop" else "plain")
        what = fix_text(left.fixes) or finding.remedy.rstrip(".")
        if left.also and left.also not in what:
            what = f"{what}; {left.also} does it to the file" if what else f"{left.also} does it to the file"
        lines += labelled("", what, indent=INDENT + 3, style="dim") if what else ()
    if not lines:
        return ()
    return (Line("Left to you, as each needs a decision; a flag of `autorecipe fit` says it:"), *lines)


def _left_out(run: Run, profile: Profile) -> tuple[str, ...]:
    """Return the columns that nobody asked to leave out: by findings, and those without a cell that can be read."""
    asked = {column.strip() for column in run.config.drop}
    empty = (c.name for c in run.schema.columns if c.role == "dropped" and c.name.strip() not in asked)
    return tuple(dict.fromkeys((*profile.dropped, *empty)))


def _columns_of(profile: Profile, kind: FixKind, action: str) -> tuple[str, ...]:
    of_fixes = (c for f in profile.findings for fix in f.fixes if fix.kind == kind and fix.is_safe for c in fix.columns)
    of_actions = (c for f in profile.findings if f.action == action for c in f.columns)
    return tuple(dict.fromkeys((*of_fixes, *of_actions)))


def _has_clusters(profile: Profile) -> bool:
    return any(finding.code == "D019" and finding.action == "regroup" for finding in profile.findings)


def _did(verb: str, columns: tuple[str, ...]) -> str:
    return f"{verb} {_listed(columns)}" if columns else ""


def _listed(columns: tuple[str, ...]) -> str:
    return some_of(tuple(name(column) for column in columns), MAX_NAMES)


def _kind(to: str) -> str:
    return {"numeric": "numbers", "number": "numbers", "datetime": "dates", "date": "dates"}.get(to, to or "numbers")


def _values(values: tuple[str, ...]) -> str:
    return some_of(tuple(_value(value) for value in values), MAX_VALUES, between=" or ")


def _value(value: str) -> str:
    return repr(value if len(value) <= VALUE_LENGTH else f"{value[: VALUE_LENGTH - 2]}..")
