"""How dates are written, as one table: the profile and the exported graph read it alike."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.data.patterns import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    r"""One way to write dates.

    A cell is stripped; when `pattern` matches it in full, `steps` turn it into "YYYY-MM-DD HH:MM:SS" (19
    characters; midnight where no time is given; fractions of a second are cut). Any other cell is missing.

    Attributes
    ----------
    name : str
        What `Column.date_format` holds, and what a person would call it.
    pattern : str
        RE2, matched in full. A zone ("Z", "+02:00") may follow a time and is ignored: the time is read as it
        is written.
    steps : tuple of (pattern, rewrite)
        Applied in order, each to all its matches; rewrites name groups by ``\1``.
    """

    name: str
    pattern: str
    steps: Steps


ISO = "yyyy-mm-dd"
COMPACT = "yyyymmdd"

_PARTS = {
    "y": "[0-9]{4}",
    "Y": "[0-9]{2}",
    "m": "(?:0?[1-9]|1[0-2])",
    "d": "(?:0?[1-9]|[12][0-9]|3[01])",
}
_ZONE = "(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
_TIME = f"(?:(?:T| +)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?{_ZONE})?"
_TIME_STEPS: Steps = (  # to one blank and HH:MM:SS
    (r"(:[0-9]{2})[.,][0-9]+", r"\1"),
    (r"(:[0-9]{2}) ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})$", r"\1"),
    (r"(?:T| +)([0-9]{1,2}:)", r" \1"),
    (r" ([0-9]):", r" 0\1:"),
    (r"^([^:]*:[0-9]{2})$", r"\1:00"),
    (r"^([^:]*)$", r"\1 00:00:00"),
)
_HALF_DAY = "(?: +(?:0?[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? ?[AaPp][.]?[Mm][.]?)"
_HALF_DAY_STEPS: Steps = (  # to 24 hours
    (r" ([0-9]):", r" 0\1:"),
    (r" 12(:[0-9:]+) ?[Aa].*$", r" 00\1"),
    (r" 12(:[0-9:]+) ?[Pp].*$", r" 12\1"),
    *((rf" {hour:02d}(:[0-9:]+) ?[Pp].*$", rf" {hour + 12}\1") for hour in range(1, 12)),
    (r"(:[0-9]+) ?[Aa].*$", r"\1"),
)
_MONTH_NAMES = (
    ("jan", "uary"),
    ("feb", "ruary"),
    ("mar", "ch"),
    ("apr", "il"),
    ("may", ""),
    ("jun", "e"),
    ("jul", "y"),
    ("aug", "ust"),
    ("sep", "tember"),
    ("oct", "ober"),
    ("nov", "ember"),
    ("dec", "ember"),
)


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


def _month_name(short: str, rest: str) -> str:
    sept = f"|{_any_case('t')}" if short == "sep" else ""
    return f"{_any_case(short)}(?:{_any_case(rest)}{sept})?[.]?"


_MONTH = "(?:" + "|".join(_month_name(*month) for month in _MONTH_NAMES) + ")"
_MONTH_STEPS: Steps = tuple(
    (_month_name(*month), f"{number:02d}") for number, month in enumerate(_MONTH_NAMES, start=1)
)


def _reordered(order: str, gap: str) -> Steps:
    """Steps from three parts with a gap between them to padded year-month-day."""
    place = {part: rf"\{order.index(part) + 1}" for part in order}
    day = f"-{place['m']}-{place['d']} "
    pad: Steps = ((r"-([0-9])-", r"-0\1-"), (r"-([0-9]) ", r"-0\1 "))

    def pattern(year: str) -> str:
        groups = [f"({year})" if part in "yY" else "([0-9]{1,2})" for part in order]
        return f"^{gap.join(groups)} "

    if "y" in order:
        return ((pattern("[0-9]{4}"), place["y"] + day), *pad)
    # POSIX: 69-99 are 19xx, 00-68 are 20xx; four digits in front keep the second step from matching again
    recent, earlier = pattern("[0-5][0-9]|6[0-8]"), pattern("69|[789][0-9]")
    return ((recent, "20" + place["Y"] + day), (earlier, "19" + place["Y"] + day), *pad)


def _of_digits(name: str, order: str, separator: str) -> DateFormat:
    pattern = separator.join(_PARTS[part] for part in order) + _TIME
    return DateFormat(name=name, pattern=pattern, steps=(*_TIME_STEPS, *_reordered(order, separator)))


def _half_day(name: str, order: str) -> DateFormat:
    pattern = "/".join(_PARTS[part] for part in order) + _HALF_DAY
    steps = ((" +", " "), *_HALF_DAY_STEPS, *_TIME_STEPS, *_reordered(order, "/"))
    return DateFormat(name=name, pattern=pattern, steps=steps)


def _with_month_name(name: str, order: str) -> DateFormat:
    gap = "[-/ ,]+"
    parts = _PARTS | {"m": _MONTH}
    steps = (*_MONTH_STEPS, *_TIME_STEPS, *_reordered(order, gap))
    return DateFormat(name=name, pattern=gap.join(parts[part] for part in order) + _TIME, steps=steps)


# in order of preference: where a column fits two, the first is taken
DATE_FORMATS: tuple[DateFormat, ...] = (
    _of_digits(ISO, "ymd", "-"),
    _of_digits("yyyy/m/d", "ymd", "/"),
    _of_digits("m/d/yyyy", "mdy", "/"),
    _of_digits("d/m/yyyy", "dmy", "/"),
    _of_digits("m/d/yy", "mdY", "/"),
    _of_digits("d/m/yy", "dmY", "/"),
    _half_day("m/d/yyyy h:mm am", "mdy"),
    _half_day("d/m/yyyy h:mm am", "dmy"),
    _of_digits("d.m.yyyy", "dmy", "[.]"),
    _of_digits("d.m.yy", "dmY", "[.]"),
    _of_digits("d-m-yyyy", "dmy", "-"),
    _of_digits("m-d-yyyy", "mdy", "-"),
    _with_month_name("d-mon-yyyy", "dmy"),
    _with_month_name("d-mon-yy", "dmY"),
    _with_month_name("mon d, yyyy", "mdy"),
    DateFormat(
        name=COMPACT,
        pattern="(?:19|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])" + _TIME,
        steps=(*_TIME_STEPS, ("^([0-9]{4})([0-9]{2})([0-9]{2}) ", r"\1-\2-\3 ")),
    ),
)


def date_format(name: str) -> DateFormat:
    """Return the format of that name."""
    return next(fmt for fmt in DATE_FORMATS if fmt.name == name)
