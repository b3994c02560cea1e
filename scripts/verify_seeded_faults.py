"""Plant one fault for each check of tables in a sound table, and see whether a user is told of it, and can mend it.

Usage: python scripts/verify_seeded_faults.py [--show] [--out docs/checks.md] [CODE ...]

Each table is written as a CSV and looked at as `autorecipe profile FILE` does. Asked for of each fault: its check
says so, as gravely as it should, and no other warns because of it; the message as printed names the column or the
rows, a number that the fault explains, and the limit; every flag that it shows is one that `autorecipe fit` takes;
what it proposes silences it; and the sound table is silent. The exit code is 1 when any of this fails.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import click
import numpy as np
from clean_tables import Case
from seeded_faults import FAULTS, Fault, Says

from autorecipe import api
from autorecipe.checks import CHECKS
from autorecipe.cli import fit, profile
from autorecipe.config import Config
from autorecipe.fixing import IN_FILE, fix_table, safe_fixes
from autorecipe.flags import fit_config
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile
from autorecipe.report.console import as_text
from autorecipe.report.text_profile import finding_lines

FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+(?: (?:'[^']*'|[^\s;,-][^\s;,]*))?")
OF_PROFILE = ("--fix", "--also")
SECTION, NEXT_SECTION = "## A fault for each check", "## All checks"
PLACEHOLDER = "COLUMN"
NUMBER = r"([\d,]*\.?\d+)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one fault."""

    code: str
    severity: str = "-"
    number: str = "-"
    mended: str = "-"
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    printed: str = ""


def write(case: Case, folder: Path) -> tuple[Path, Config]:
    """Write a case as a user has it; where it is, and what the user asks for."""
    path = folder / "table.csv"
    case.frame.to_csv(path, index=False)
    if case.test is None:
        return path, Config(target=case.target)
    case.test.to_csv(folder / "test.csv", index=False)
    return path, Config(target=case.target, test_path=str(folder / "test.csv"))


def profile_of(path: Path, config: Config) -> Profile:
    found = api.profile_table(str(path), config).profile
    assert found is not None
    return found


@cache
def sound(clean: Callable[[], Case]) -> Profile:
    """Return the profile of a table without a fault."""
    with tempfile.TemporaryDirectory() as folder:
        return profile_of(*write(clean(), Path(folder)))


def of_code(profile: Profile, code: str) -> list[Finding]:
    return [finding for finding in profile.findings if finding.code == code]


def alarms(profile: Profile) -> set[str]:
    return {finding.code for finding in profile.findings if finding.severity != "info"}


def shown(finding: Finding) -> str:
    """Return a finding as it is printed, on one line."""
    lines = as_text(finding_lines(finding)).splitlines()
    return " ".join(" ".join(re.sub(rf"  {finding.code}$", "", line) for line in lines).split())


def missing_words(text: str, says: Says) -> list[str]:
    """Say which of name, number and limit a message lacks."""
    wrong = [f"does not say {what!r}" for what in (says.name, says.limit) if what not in text]
    found = re.search(re.escape(says.number).replace(r"\#", NUMBER), text)
    if found is None:
        wrong.append(f"no number in {says.number!r}")
    elif not says.low <= float(found[1].replace(",", "")) <= says.high:
        wrong.append(f"says {found[1]}, not {says.low:g} to {says.high:g}")
    return wrong


def number_of(text: str, says: Says) -> str:
    found = re.search(re.escape(says.number).replace(r"\#", NUMBER), text)
    return found[1] if found else "-"


def parsed(words: list[str], path: Path) -> Config:
    """Read flags as `autorecipe fit FILE` does."""
    return fit_config(fit.make_context("fit", [str(path), *words]).params)


def with_flags(config: Config, flags: str, path: Path) -> Config:
    """Return a config with flags added."""
    added, plain = parsed(shlex.split(flags), path), parsed([], path)
    changed = {
        f.name: getattr(added, f.name)
        for f in dataclasses.fields(Config)
        if getattr(added, f.name) != getattr(plain, f.name)
    }
    return dataclasses.replace(config, **changed)


def flags_that_fail(text: str, finding: Finding, path: Path) -> list[str]:
    """Return the flags of a printed finding that the command line does not take."""
    wrong = []
    for flag in FLAG.findall(text):
        words = flag.replace(PLACEHOLDER, shlex.quote((*finding.columns, "x")[0]))
        command = profile if words.split()[0] in OF_PROFILE else fit
        try:
            command.make_context(command.name, [str(path), *shlex.split(words)])
        except click.ClickException as error:
            wrong.append(f"{words}: {error.format_message()}")
    return wrong


def mend(finding: Finding, path: Path, config: Config) -> tuple[str, list[str]]:
    """Do what a finding proposes, and look again; how it was mended, and what went wrong."""
    code = finding.code
    silent: dict[str, Profile] = {}
    if safe_fixes(finding, config):
        clean = path.with_name("clean.csv")
        fix_table(str(path), config, output=str(clean), force=True)
        silent["--fix"] = profile_of(clean, config)
    elif any(fix.kind in IN_FILE and not fix.flag for fix in finding.fixes):
        clean = path.with_name("clean.csv")
        if not fix_table(str(path), config, output=str(clean), force=True, also=(code,)).done:
            return f"--fix --also {code}", ["its fix changes nothing"]
        silent[f"--fix --also {code}"] = profile_of(clean, config)
    for fix in finding.fixes:
        if fix.flag and not (fix.is_safe and silent) and (fix.kind != "ask" or fix.flag.startswith("--allow")):
            silent[fix.flag] = profile_of(path, with_flags(config, fix.flag, path))
    allowed = [name for name in silent if name.startswith("--allow")]
    loud = [n for n, p in silent.items() if [f for f in of_code(p, code) if n not in allowed or f.severity == "stop"]]
    return ", ".join(silent) or "by hand", [f"not silent after {name}" for name in loud]


def judge(fault: Fault, folder: Path) -> Verdict:
    """Plant a fault, and see what is said of it."""
    began = time.perf_counter()
    clean, before = fault.clean(), sound(fault.clean)
    path, config = write(fault.plant(clean, np.random.default_rng(7)), folder)
    after = profile_of(path, config)
    wrong = [f"the sound table has {c}" for c in sorted({fault.code} & {f.code for f in before.findings})]
    wrong += [f"the sound table warns: {c}" for c in sorted(alarms(before))]
    wrong += [f"{c} warns too" for c in sorted(alarms(after) - alarms(before) - {fault.code, *fault.may_fire})]
    found = of_code(after, fault.code)
    if not found:
        return Verdict(code=fault.code, wrong=[*wrong, "not found"], seconds=time.perf_counter() - began)
    text = shown(found[0])
    wrong += missing_words(text, fault.says)
    if len(found) > 1:
        wrong.append(f"said {len(found)} times")
    if found[0].severity != fault.severity:
        wrong.append(f"{found[0].severity}, not {fault.severity}")
    if not found[0].remedy:
        wrong.append("does not say what to do")
    wrong += flags_that_fail(text, found[0], path)
    mended, failed = mend(found[0], path, config)
    return Verdict(
        code=fault.code,
        severity=found[0].severity,
        number=number_of(text, fault.says),
        mended=mended,
        seconds=time.perf_counter() - began,
        wrong=[*wrong, *failed],
        printed=as_text(finding_lines(found[0])),
    )


def document(verdicts: list[Verdict]) -> list[str]:
    """Return the section of docs/checks.md."""
    lines = [
        SECTION,
        "",
        "    python scripts/verify_seeded_faults.py --out docs/checks.md",
        "",
        "plants one fault for each check of tables in a sound table of 1,500 rows, written as a CSV. Asked for: the",
        "check fires as gravely as it should and no other warns of the same; the message as printed names the column",
        "or the rows, a number that the fault explains, and the limit; `autorecipe` takes every flag that it shows;",
        "what it proposes silences it; and the sound table is silent.",
        "",
        f"Of {len(verdicts)} checks {sum(not v.wrong for v in verdicts)} did all of this, in"
        f" {sum(v.seconds for v in verdicts):.0f} s.",
        "",
        "| check | said as | of | number | limit | silenced by | |",
        "|---|---|---|---|---|---|---|",
    ]
    by_code = {fault.code: fault.says for fault in FAULTS}
    for verdict in verdicts:
        says, wrong = by_code[verdict.code], "; ".join(verdict.wrong)
        mended = f"`{verdict.mended}`" if "--" in verdict.mended else verdict.mended
        lines.append(
            f"| {verdict.code} | {verdict.severity} | {says.name} | {verdict.number} | {says.limit} | {mended} |"
            f" {f'**{wrong}**' if wrong else ''} |"
        )
    return [*lines, ""]


def with_section(text: str, section: list[str]) -> str:
    """Return a page with a section written anew, before the list of all checks."""
    before, found, _ = text.partition(f"{SECTION}\n")
    until, _, after = text.partition(f"{NEXT_SECTION}\n")
    return "\n".join([(before if found else until).rstrip("\n"), "", *section, NEXT_SECTION, after])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*")
    parser.add_argument("--out", default="", help="page whose section is written anew")
    parser.add_argument("--show", action="store_true", help="print each message, too")
    asked = parser.parse_args()
    print(f"{'check':<7}{'':<6}{'name':<22}{'number':>8}  {'limit':<18}{'s':>5}  mended by")
    verdicts = list[Verdict]()
    for fault in FAULTS:
        if asked.codes and fault.code not in asked.codes:
            continue
        with tempfile.TemporaryDirectory() as folder:
            verdict = judge(fault, Path(folder))
        says = fault.says
        print(
            f"{fault.code:<7}{verdict.severity:<6}{says.name:<22}{verdict.number:>8}  {says.limit:<18}"
            f"{verdict.seconds:>5.1f}  {verdict.mended}",
            flush=True,
        )
        for what in verdict.wrong:
            print(f"       NO: {what}", flush=True)
        if asked.show:
            print(verdict.printed, flush=True)
        verdicts.append(verdict)
    unplanted = sorted({check.code for check in CHECKS} - {fault.code for fault in FAULTS})
    n_wrong = sum(bool(verdict.wrong) for verdict in verdicts)
    if asked.out:
        page = Path(asked.out)
        page.write_text(with_section(page.read_text(encoding="utf-8"), document(verdicts)), encoding="utf-8")
    seconds = sum(verdict.seconds for verdict in verdicts)
    print(f"{n_wrong} of {len(verdicts)} wrong, in {seconds:.0f} s; no fault for {', '.join(unplanted) or 'none'}")
    return 1 if n_wrong or unplanted else 0


if __name__ == "__main__":
    sys.exit(main())
