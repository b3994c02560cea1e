"""What a report may show: no cell values unless they are asked for, and never those that name a row."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.report.naming_rows import NAMING_KINDS, names_rows

HIDDEN = "..."
NAMED_IN_PRIVACY = "no cell values"
_QUOTED = re.compile(r"(?<!\w)'([^'\n]*)'(?!\w)")
_EXAMPLES = re.compile(  # to what follows them, since a cell may hold quotes of its own
    r" look like '.*?'(?=: the number is read)"
    r"| such as '.*'(?= count as missing|, read as |: codes|;|$)"
    r"|: '.*'$",
    re.DOTALL,
)
_RANGE = re.compile(r" from \S+ to \S+?(?=[,:;]| |$)")
_LEVELS = re.compile(r"\bonly .+? and .+?(?=;|$)")
_ONE_LEVEL = re.compile(r"\bonly \S+(?=;|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What of the data a report shows.

    Attributes
    ----------
    show_values : bool
        Whether cells are shown of columns that are not in `never`.
    show_samples : bool
        Whether images and their names are shown.
    never : frozenset of str
        Ids, texts and columns in which most rows have a value of their own.
    known : frozenset of str
        Names of columns and labels of classes, which are shown always.
    codes : frozenset of str
        Columns of levels that are numbers, such as 0 and 1, and name no row: their levels are shown as percentiles are.
    """

    show_values: bool
    show_samples: bool
    never: frozenset[str]
    known: frozenset[str]
    codes: frozenset[str] = frozenset()

    def may_show(self, column: str) -> bool:
        """Return whether cells of a column are shown."""
        return self.show_values and column not in self.never

    def may_show_levels(self, column: str) -> bool:
        """Return whether those levels of a column are shown that many rows share."""
        return self.may_show(column) or column in self.codes

    def hides(self, columns: tuple[str, ...]) -> bool:
        """Return whether a sentence about columns must not quote their cells."""
        return not columns or not all(self.may_show(column) for column in columns)


def privacy_of(run: Run, *, show_values: bool, show_samples: bool) -> Privacy:
    """Return what a report of a run may show."""
    profile = run.profile
    near = {c.name for c in profile.columns if names_rows(c, profile.n_rows)} if profile else set()
    kinds = {c.name for c in run.schema.columns if c.kind in NAMING_KINDS or c.role == "id"}
    known = {column.name for column in run.schema.columns} | set(run.schema.classes)
    never = (near | kinds) - _class_column(run)
    codes = {c.name for c in run.schema.features if c.wire == "float32" and c.kind in ("boolean", "categorical")}
    return Privacy(
        show_values=show_values,
        show_samples=show_samples,
        never=frozenset(never),
        known=frozenset(name.strip() for name in known),
        codes=frozenset(codes - never),
    )


def privacy_text(privacy: Privacy, *, has_images: bool) -> str:
    """Say in a sentence what of the data is shown."""
    if has_images:
        return "thumbnails and names of images" if privacy.show_samples else "no images, no names of images"
    if privacy.show_values:
        return "cell values, but none of ids, texts and columns in which most rows have a value of their own"
    percentiles = "1st to 99th percentiles and common levels that are numbers"
    return f"{NAMED_IN_PRIVACY}; labels of classes, numbers of rows, {percentiles} are shown"


def said_of_finding(text: str, finding: Finding, privacy: Privacy) -> str:
    """Return a finding's message or remedy without the cells and files that it names, where these are not shown."""
    if not privacy.show_samples:
        text = _without_files(text, finding.examples)
    if not privacy.hides(finding.columns):
        return text
    for value in sorted(finding.quoted, key=len, reverse=True):
        text = _without(text, value)
    return _QUOTED.sub(lambda found: found[0] if _is_known(found[1], privacy) else f"'{HIDDEN}'", text)


def note_text(note: str, privacy: Privacy) -> str:
    """Return a note about reading the data without names of files, where no names of images are shown."""
    if privacy.show_samples:
        return note
    return _QUOTED.sub(lambda found: found[0] if _is_known(found[1], privacy) else f"'{HIDDEN}'", note)


def evidence_text(reason: str, column: str, privacy: Privacy) -> str:
    """Return the evidence for a column's kind without the cells that it quotes, where these are not shown.

    >>> nothing = Privacy(show_values=False, show_samples=True, never=frozenset(), known=frozenset())
    >>> evidence_text("2 levels such as 'male', 'female'", "sex", nothing)
    '2 levels'
    >>> evidence_text("7 whole numbers from 0 to 8: amounts", "SibSp", nothing)
    '7 whole numbers: amounts'
    """
    if privacy.may_show(column):
        return reason
    text = _QUOTED.sub(f"'{HIDDEN}'", _EXAMPLES.sub("", reason))
    text = _ONE_LEVEL.sub("one value", _LEVELS.sub("two values", text))
    return _RANGE.sub("", text)


def _without_files(text: str, names: tuple[str, ...]) -> str:
    """Return a text without the list of files that it holds in brackets, and any other of these names hidden."""
    if not any(name and name in text for name in names):
        return text
    known = "|".join(re.escape(name) for name in sorted(filter(None, names), key=len, reverse=True))
    text = re.sub(rf" \((?:{known})(?:, (?:{known}))*(?: and [\d,]+ more)?\)", "", text)
    return re.sub(rf"(?<!\w)(?:{known})(?!\w)", HIDDEN, text)


def _without(text: str, value: str) -> str:
    if not value:
        return text
    quoted = f"'{value}'"
    if quoted in text:
        return text.replace(quoted, f"'{HIDDEN}'")
    # a value of digits is part of other numbers, too
    return re.sub(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", HIDDEN, text)


def _is_known(text: str, privacy: Privacy) -> bool:
    return text.strip() in privacy.known or text == HIDDEN or text.startswith("--")


def _class_column(run: Run) -> set[str]:
    return {run.schema.target} if run.schema.task != "regression" else set()
