"""What can go wrong, as a tree.

AutoRecipeError            exit 1
├── UserError              exit 2   bad input: what, where, how to mend it
├── StopFindings           exit 3   a check asks the user before going on
└── TrainingFailed         exit 1   every trial of a stage failed
"""

from __future__ import annotations

import difflib
import itertools
import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autorecipe.record.finding import Finding


LISTED = "autorecipe rule lists all checks"
MAX_FOREIGN = 150  # characters of an error that is not ours: TensorFlow lists every label of a batch
_FOREIGN_NOISE = re.compile(r"\{\{.*?\}\}|\[Op:\w+\]|\.?\s*Label values:.*")  # graph nodes, a batch's labels
# lines that only announce what the error says further down
_ANNOUNCING = re.compile(r"Graph execution error|Detected at node|File \"|<stack traces|Exception encountered when")

_ENDINGS = re.compile(r"(?:\.[A-Za-z]\w{0,7})+$")  # of a file's name: .csv, .csv.gz, .parquet
_CODE = re.compile(r"[A-Z]\d{3}")


class AutoRecipeError(Exception):
    """Something went wrong that can be named.

    Parameters
    ----------
    what : str
        What is wrong: the value received and the value expected.
    where : str
        The file, column, row or flag.
    fix : str
        How to mend it: the flag or line to write.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        lines = [what, f"where: {where}" if where else "", f"fix: {fix}" if fix else ""]
        super().__init__("\n".join(line for line in lines if line))


class UserError(AutoRecipeError, ValueError):
    """Bad input: nothing was changed and nothing is lost."""

    exit_code = 2


class StopFindings(AutoRecipeError):
    """Checks found something that only the user can decide.

    Parameters
    ----------
    findings : tuple of Finding
        The findings of severity "stop".
    command : str
        One finished command (or line of Python) that goes on, with every flag needed.
    """

    exit_code = 3

    def __init__(self, findings: tuple[Finding, ...], command: str) -> None:
        self.findings, self.command = findings, command
        super().__init__("\n".join(f.message for f in findings), fix=command)


class TrainingFailed(AutoRecipeError):
    """Every trial of a stage failed; the message carries the first cause."""


def foreign_text(error: BaseException) -> str:
    r"""Return an error's class and the first line of what it says, in at most 150 characters.

    >>> foreign_text(ValueError("Got 9, expected 0 to 6.  Label values: 1 2 9\nmore of it"))
    'ValueError: Got 9, expected 0 to 6'
    """
    lines = [_FOREIGN_NOISE.sub("", line).strip() for line in str(error).splitlines()]
    said = next((line for line in lines if line and not _ANNOUNCING.match(line)), "")
    return textwrap.shorten(f"{type(error).__name__}: {said}".rstrip(": "), MAX_FOREIGN, placeholder=" ...")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name closest to `name`, or "" when none is close.

    >>> nearest("pirce", ["price", "rooms"])
    'price'
    """
    known = list(known)
    folded = {k.strip().casefold(): k for k in reversed(known)}
    found = difflib.get_close_matches(name.strip().casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def nearest_file(name: str, known: Iterable[str]) -> str:
    """Return the file whose name is closest, or "" when none is close; endings alone make no two files alike.

    >>> nearest_file("nope.csv", ["stroke.csv"]), nearest_file("titanc.csv", ["stroke.csv", "titanic.csv.gz"])
    ('', 'titanic.csv.gz')
    """
    stem = _ENDINGS.sub("", name)
    ending = name.removeprefix(stem)
    in_order = sorted(known, key=lambda file: file.endswith(ending))  # of two files of one stem that of its ending
    stems = {_ENDINGS.sub("", file): file for file in in_order}
    near = nearest(stem, stems)
    return stems[near] if near else ""


def codes_text(code: str, known: Iterable[str]) -> str:
    """Say which code of a check may be meant, or which there are: another number is another check, however near.

    >>> codes_text("D0013", ["D001", "D013"])
    "did you mean 'D013'? autorecipe rule lists all checks"
    >>> codes_text("D099", ["D001", "D042", "T029", "D101", "T001"])
    'there are D001 to D042, D101 and T001 to T029; autorecipe rule lists all checks'
    """
    codes = sorted(known)
    near = "" if _CODE.fullmatch(code) else nearest(code, codes)
    if near:
        return f"did you mean '{near}'? {LISTED}"
    groups = [list(group) for _, group in itertools.groupby(codes, key=lambda own: own[:2])]
    *first, last = (f"{own[0]} to {own[-1]}" if len(own) > 1 else own[0] for own in groups)
    return f"there are {', '.join(first)}{' and ' * bool(first)}{last}; {LISTED}"
