"""The report as one HTML file that holds all that it needs: templates, styles and a short script, no network."""

from __future__ import annotations

import base64
import functools
import hashlib
import math
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autorecipe.report.page.data import MOST_DRAWN
from autorecipe.report.page.value import Report
from autorecipe.report.page.words import SEVERITIES, nothing_text
from autorecipe.report.text_words import first_upper, share_text, value_text

MOST_ROWS = 60  # of a table; report.json has the others
MOST_NUMBERS = 25  # rows of a drawing's numbers
MOST_FINDINGS = 100
FIRST_ROWS, PHONE_ROWS = 10, 5  # of a table that is folded
FEW_MORE = 3  # rows that are not worth a fold
PHONE_WIDTH = 44  # characters of a row that a phone shows beside each other
FOUR_DIGITS, READ_AT_A_GLANCE = 1e3, 1e9
BAR_HEIGHT, BARS_WIDTH = 24, 100  # of a column's bars, in the units of their drawing
MARKS = {"done": "✓", "not done": "✗", "not applicable": "–"}
_WHOLE = re.compile(
    r"(?P<as_it_is><(?P<tag>script|style|svg|pre|code|title)\b.*?</(?P=tag)>|<[^>]*>)"
    r"|(?<![\w.,])[\d.,]{0,20}\d %|(?<![\w-])--?[a-z][\w-]{0,30}(?![\w-])",  # what is longer has to end somewhere
    re.DOTALL,
)


def as_html(report: Report) -> str:
    """Return the page; every text of the report is escaped, and the script that may run is known by its hash."""
    script = _source("script.js")
    digest = hashlib.sha256(script.encode()).digest()
    page = _environment().get_template("report.html")
    return kept_whole(
        page.render(
            report=report,
            style=Markup(_source("style.css")),
            script=Markup(script),
            script_hash=f"sha256-{base64.b64encode(digest).decode()}",
        )
    )


def kept_whole(html: str) -> str:
    """Mark what no line may end within: a number with its per cent sign, and a flag; what is copied stays the same.

    >>> kept_whole('<p title="5 %">61 % of <code>--fix</code></p>')
    '<p title="5 %"><span class="whole">61 %</span> of <code>--fix</code></p>'
    """
    return _WHOLE.sub(lambda found: found["as_it_is"] or f'<span class="whole">{found[0]}</span>', html)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autorecipe.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    environment.filters |= {
        "bars": bars,
        "first_upper": first_upper,
        "is_wide": is_wide,
        "isolated": isolated,
        "number": _number,
        "score": value_text,
        "share": share_text,
    }
    environment.globals |= {
        "few_more": FEW_MORE,
        "first_rows": FIRST_ROWS,
        "marks": MARKS,
        "most_columns": MOST_DRAWN,
        "most_findings": MOST_FINDINGS,
        "most_numbers": MOST_NUMBERS,
        "most_rows": MOST_ROWS,
        "nothing_text": nothing_text,
        "phone_rows": PHONE_ROWS,
        "severities": SEVERITIES,
    }
    return environment


@functools.cache
def _source(name: str) -> str:
    loader = _environment().loader
    return loader.get_source(_environment(), name)[0] if loader is not None else ""


def bars(counts: tuple[int, ...]) -> str:
    """Return the outline of bars as a path of SVG, in a box of 100 by 24.

    >>> bars((2, 1))
    'M0 24V0H50V24ZM50 24V12H100V24Z'
    """
    most = max(counts, default=0) or 1
    width = BARS_WIDTH / max(len(counts), 1)
    return "".join(
        f"M{i * width:g} {BAR_HEIGHT}V{round(BAR_HEIGHT * (1 - n / most), 1):g}H{(i + 1) * width:g}V{BAR_HEIGHT}Z"
        for i, n in enumerate(counts)
        if n
    )


def is_wide(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bool:
    """Return whether a table's rows are too wide for a phone, which then shows the cells of a row below each other.

    >>> is_wide(("class", "rows"), (("yes", "12"),)), is_wide(("recipe", "score"), (("mlp 2 x 64, " * 4, "0.9"),))
    (False, True)
    """
    longest = (max([len(row[i]) for row in rows], default=0) for i in range(len(header)))
    words = (max((len(word) for word in name.split()), default=0) for name in header)
    return sum(map(max, longest, words)) + 2 * len(header) > PHONE_WIDTH


def isolated(text: str, names: tuple[str, ...]) -> Markup:
    """Escape a text in which names stand, each set apart, so that letters of another direction turn nothing around it.

    >>> isolated("a < b", ("b",))
    Markup('a &lt; <bdi>b</bdi>')
    """
    known = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    if not known:
        return escape(text)
    parts = re.split(f"({'|'.join(re.escape(name) for name in known)})", text)
    joined = (Markup("<bdi>{}</bdi>").format(part) if part in known else escape(part) for part in parts)
    return Markup("").join(joined)


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if math.isnan(value):
        return ""
    # four digits, and whole numbers in full as far as they are read at a glance
    return f"{value:,.0f}" if FOUR_DIGITS <= abs(value) < READ_AT_A_GLANCE else f"{value:,.4g}"
