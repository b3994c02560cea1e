"""What a check looks for, in its own words: the docstring of its module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from autorecipe.errors import UserError, codes_text

CHECKS_FOLDER = Path(__file__).parents[1] / "checks"
_WHY = re.compile(r"Why it matters: (.+?)(?:\n\n|\Z)", re.DOTALL)
_SHORT_CODE = re.compile(r"^([A-Z])(\d{1,2})$")
_CODE_FILE = re.compile(r"([a-z]\d{3})_\w+\.py")


def rule_text(code: str) -> str:
    """Return what a check looks for, why it matters and where its limit comes from.

    The file is read, not imported: pandas would take longer than the reading of the answer.

    Parameters
    ----------
    code : str
        "D013", in any case; its first noughts may be left out.

    Raises
    ------
    UserError
        When no check has that code: the one that may be meant, or the codes that there are, are named.
    """
    files = _files()
    wanted = _SHORT_CODE.sub(lambda found: f"{found[1]}{found[2]:0>3}", code.strip().upper())
    if wanted not in files:
        raise UserError(f"no check has the code '{code}'", where="rule", fix=codes_text(wanted, files))
    text = ast.get_docstring(ast.parse(files[wanted].read_text(encoding="utf-8"))) or ""
    return f"{wanted}  {text}"


def why_it_matters(code: str) -> str:
    """Return what a check's rule says after "Why it matters:", as one line of text; "" where it says nothing."""
    found = _WHY.search(rule_text(code))
    return " ".join(found.group(1).split()) if found else ""


def rule_titles() -> tuple[tuple[str, str], ...]:
    """Return every check's code and the first line of its rule: those of the data, then those of training."""
    return tuple((code, rule_text(code).splitlines()[0].removeprefix(f"{code}  ")) for code in _files())


def _files() -> dict[str, Path]:
    found = {_CODE_FILE.fullmatch(path.name): path for path in sorted(CHECKS_FOLDER.glob("*.py"))}
    return {match.group(1).upper(): path for match, path in found.items() if match}
