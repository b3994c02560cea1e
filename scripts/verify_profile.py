"""Profile real tables of which it is known what is wrong with them, and write what was found, missed and cried.

Usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_profile.py [--out docs/checks.md] [--peers FILE.json] [SET ...]

FOLDER holds `tabular/`. What must be found was written down before (`profile_sets.py`). The exit code is 1 when
something that must be found is missed, a clean set stops, or the clean sets have more than one warning on average.
`--peers` names what `profile_peers.py` wrote of other tools on the same sets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from profile_sets import SETS, Known, KnownSet

from autorecipe import api
from autorecipe.config import Config
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile
from autorecipe.report.rule import rule_titles

LEVELS = ("info", "warn", "stop")
MOST_WARNINGS = 1.0  # of a clean set, on average
PEERS_TEXT = """Their defaults on the same files (deepchecks 0.19.1, its data integrity suite; evalml 0.84.0, its
default data checks): every check that names the column, whatever for."""
AT_MOST_NAMED = 6  # columns of a finding in the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """A set as it was profiled."""

    known: KnownSet
    profile: Profile
    seconds: float

    @property
    def name(self) -> str:
        return self.known.file.partition(".")[0]

    @property
    def alarms(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.profile.findings if f.severity != "info")


def is_found(known: Known, profile: Profile) -> bool:
    """Whether a check says what is known, at least as loudly as it should."""
    least = LEVELS.index(known.severity)
    names = {known.column.strip()} if known.column else set()
    return any(
        f.code == (known.code or f.code)
        and LEVELS.index(f.severity) >= least
        and (names <= {c.strip() for c in f.columns} or (known.column and known.column in f.message))
        for f in profile.findings
    )


def is_true(finding: Finding, known: KnownSet) -> bool:
    """Whether a warning was known to be right."""
    if finding.code in known.true_codes:
        return True
    named = {c.strip() for c in finding.columns}
    return any(k.code in (finding.code, "") and (not k.column or k.column.strip() in named) for k in known.known)


def profile_of(folder: Path, known: KnownSet) -> Profiled:
    began = time.perf_counter()
    run = api.profile_table(str(folder / "tabular" / known.file), Config(target=known.target))
    assert run.profile is not None
    return Profiled(known=known, profile=run.profile, seconds=time.perf_counter() - began)


def found_table(results: list[Profiled]) -> list[str]:
    lines = ["| set | check | column | asked for | found |", "|---|---|---|---|---|"]
    for result in results:
        for known in result.known.known:
            found = "yes" if is_found(known, result.profile) else "**missed**"
            kind = f"{known.severity}{' (aim)' if known.is_aim else ''}"
            column = f"`{known.column}`" if known.column else ""
            lines.append(f"| {result.name} | {known.code or 'any'} | {column} | {kind} | {found} |")
    return lines


def named(finding: Finding) -> str:
    shown = ", ".join(f"`{c}`" for c in finding.columns[:AT_MOST_NAMED])
    more = len(finding.columns) - AT_MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def alarm_table(results: list[Profiled]) -> list[str]:
    lines = ["| set | clean | check | severity | columns | known to be true |", "|---|---|---|---|---|---|"]
    for result in results:
        for finding in result.alarms:
            true = "yes" if is_true(finding, result.known) else "**no**" if result.known.is_clean else "not judged"
            clean = "yes" if result.known.is_clean else "no"
            lines.append(
                f"| {result.name} | {clean} | {finding.code} {finding.title} | {finding.severity} | {named(finding)} "
                f"| {true} |"
            )
    return lines


def summary(results: list[Profiled]) -> tuple[list[str], bool]:
    """Return what it came to, and whether all that was asked for held."""
    wanted = [(r, k) for r in results for k in r.known.known]
    must = [is_found(k, r.profile) for r, k in wanted if not k.is_aim]
    aims = [is_found(k, r.profile) for r, k in wanted if k.is_aim]
    clean = [r for r in results if r.known.is_clean]
    warnings = sum(len(r.alarms) for r in clean)
    false = sum(not is_true(f, r.known) for r in clean for f in r.alarms)
    stops = sum(f.severity == "stop" for r in clean for f in r.alarms)
    average = warnings / max(1, len(clean))
    said = [
        f"- Of {len(must)} known faults {sum(must)} were found, {len(must) - sum(must)} missed; of {len(aims)} that "
        f"the data alone may not prove, {sum(aims)}.",
        f"- {len(clean)} clean sets: {warnings} warnings, {average:.2f} each on average (limit {MOST_WARNINGS:g}); "
        f"{false} of them are not known to be true, and count as false alarms; {stops} stops (limit 0).",
        f"- {len(results)} sets in {sum(r.seconds for r in results):.0f} s, reading included.",
    ]
    return said, all(must) and not stops and average <= MOST_WARNINGS


def peer_table(path: str) -> list[str]:
    """Return what other tools said of the same sets, as `profile_peers.py` wrote it down."""
    if not path:
        return []
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    tools = list(found)
    faults = [(s, k) for s in SETS for k in s.known if k.column]
    lines = ["", "## Beside other tools", "", PEERS_TEXT, ""]
    lines += [f"| set | known fault | {' | '.join(tools)} |", f"|---|---|{'---|' * len(tools)}"]
    for known_set, known in faults:
        name = known_set.file.partition(".")[0]
        marks = [_peer_mark(found[tool].get(name), known.column) for tool in tools]
        lines.append(f"| {name} | `{known.column}` | {' | '.join(marks)} |")
    clean = [s.file.partition(".")[0] for s in SETS if s.is_clean]
    counts = [_peer_warnings(found[tool], clean) for tool in tools]
    return [*lines, f"| clean sets | warnings each, on average | {' | '.join(counts)} |"]


def _peer_mark(said: dict[str, list[str]] | None, column: str) -> str:
    if said is None:
        return "failed"
    return ", ".join(sorted(check for check, columns in said.items() if column in columns)) or "-"


def _peer_warnings(found: dict[str, dict[str, list[str]] | None], clean: list[str]) -> str:
    counts = [len(said) for name in clean if (said := found.get(name)) is not None]
    return f"{sum(counts) / len(counts):.1f} ({len(counts)} sets)" if counts else "-"


def planted_section(path: Path) -> list[str]:
    """Return the section of the page that `verify_seeded_faults.py` wrote."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    _, found, rest = page.partition("## A fault for each check\n")
    return [found.rstrip(), *rest.partition("\n## All checks\n")[0].splitlines(), ""] if found else []


def unseen_section(path: Path) -> list[str]:
    """Return the section of the page that `verify_unseen.py` wrote."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    _, found, rest = page.partition("## Tables never looked at while limits were chosen\n")
    return ["", found.rstrip(), *rest.partition("\n## ")[0].splitlines()] if found else []


def document(results: list[Profiled], said: list[str], peers: str, planted: list[str], unseen: list[str]) -> str:
    """Return docs/checks.md."""
    titles = [f"| {code} | {title.rstrip('.')} |" for code, title in rule_titles()]
    return "\n".join(
        [
            "# The checks, measured",
            "",
            "`autorecipe rule CODE` tells what a check looks for, why it matters, how to read it and where its limit",
            "comes from. This page is written by",
            "",
            "    AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_profile.py --out docs/checks.md",
            "",
            "which profiles public tables of which it was written down before (`scripts/profile_sets.py`) what is",
            "wrong with them. These tables were at hand while the checks were written, and five things came after a",
            "look at what was missed or cried: D005 names a lone negative value that most rows hold",
            "(bank_marketing `pdays`), D021 asks a second model, D014 asks about a column that shares a word with the",
            "target (`motor_UPDRS`), D042 about one that measures how long an event lasted (`duration`), and the",
            "copies of letter, used_cars and wine_quality, asked for as warnings before, may be notes: on tables never",
            "looked at that warning was always false. Other tables will show more misses and more false alarms than",
            "these: see those never looked at, below.",
            "",
            "## What it came to",
            "",
            *said,
            "",
            "## Known faults",
            "",
            *found_table(results),
            "",
            "## Every warning and stop",
            "",
            *alarm_table(results),
            *unseen,
            *peer_table(peers),
            "",
            *planted,
            "## All checks",
            "",
            "| code | asks about |",
            "|---|---|",
            *titles,
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--out", default="")
    parser.add_argument("--peers", default="")
    asked = parser.parse_args()
    folder = os.environ.get("AUTORECIPE_TEST_DATA")
    if not folder:
        print("AUTORECIPE_TEST_DATA names no folder of test data", file=sys.stderr)
        return 2
    results = []
    for known in SETS:
        if asked.sets and not any(part in known.file for part in asked.sets):
            continue
        results.append(profile_of(Path(folder), known))
        print(f"{results[-1].name:28} {results[-1].seconds:5.1f} s", flush=True)
    said, held = summary(results)
    print("\n".join([*found_table(results), "", *alarm_table(results), "", *said]))
    if asked.out:
        page = Path(asked.out)
        page.write_text(
            document(results, said, asked.peers, planted_section(page), unseen_section(page)), encoding="utf-8"
        )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
