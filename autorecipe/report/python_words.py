"""Flags of the command line as the arguments of `AutoRecipe` that say the same, for those who work in Python."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from typing import Final

LISTS: Final = {"allow": "allow", "drop": "drop", "family": "families", "id": "ids", "keep": "keep"}
TEXTS: Final = {
    "loss": "loss",
    "metric": "metric",
    "positive": "positive",
    "preset": "preset",
    "split-by-group": "split_by_group",
    "split-by-time": "split_by_time",
    "task": "task",
    "time-limit": "time_limit",
    "weight": "weight",
}
SHARES: Final = {"test": "test_size"}
KINDS: Final = {"type": "types"}  # of columns: COLUMN=KIND
SWITCHES: Final = {
    "no-samples": "show_samples=False",
    "offline": "offline=True",
    "show-values": "show_values=True",
}
_NAMES = "|".join((*LISTS, *TEXTS, *SHARES, *KINDS))
_ONE = re.compile(rf"""--(?P<flag>{_NAMES}) (?P<value>(?:'[^']*'|"[^"]*"|[^\s,;()'"])+)""")
_SEVERAL = re.compile(rf"(?:{_ONE.pattern.replace('?P<flag>', '').replace('?P<value>', '?:')} ?)+")
_COMMAND = re.compile(r"(?<!autorecipe )profile (?:DATA )?--fix")
_SWITCH = re.compile(rf"--({'|'.join(SWITCHES)})(?![\w-])")


def in_python(text: str) -> str:
    """Return a remedy with its flags as arguments of `AutoRecipe`; where there is none, as for `--fix`, the command.

    >>> in_python("--drop 'Total Charges' --drop Age if not known when you predict, else --allow D013:Age")
    'drop=["Total Charges", "Age"] if not known when you predict, else allow=["D013:Age"]'
    >>> in_python("kept; --type zip=categorical"), in_python("profile --fix --also D015")
    ('kept; types={"zip": "categorical"}', 'autorecipe profile FILE --fix --also D015')
    """
    text = _COMMAND.sub("autorecipe profile FILE --fix", text)
    return _SWITCH.sub(lambda found: SWITCHES[found[1]], _SEVERAL.sub(_arguments, text))


def _arguments(found: re.Match[str]) -> str:
    pairs = [(one["flag"], one["value"]) for one in _ONE.finditer(found[0])]
    of_flag = itertools.groupby(pairs, lambda pair: pair[0])
    said = [_argument(flag, [_plain(value) for _, value in own]) for flag, own in of_flag]
    return ", ".join(said) + (" " if found[0].endswith(" ") else "")


def _plain(value: str) -> str:
    """Return a value as a shell would hand it over."""
    try:
        return "".join(shlex.split(value))
    except ValueError:  # a quote of the sentence, not of the value
        return value


def _argument(flag: str, values: list[str]) -> str:
    if flag in LISTS:
        return f"{LISTS[flag]}={json.dumps(values, ensure_ascii=False)}"
    if flag in KINDS:
        kinds = dict(value.rpartition("=")[::2] for value in values)
        return f"{KINDS[flag]}={json.dumps(kinds, ensure_ascii=False)}"
    if flag in SHARES:
        return f"{SHARES[flag]}={values[-1]}"
    return f"{TEXTS[flag]}={json.dumps(values[-1], ensure_ascii=False)}"
