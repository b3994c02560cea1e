"""The last lines: what was written, the proof that it serves, where the time went, what to do next."""

from __future__ import annotations

from autorecipe.budget import format_duration
from autorecipe.record.run import Export, Run, TimeUse
from autorecipe.report.text_words import Lines, count_text, labelled, size_text
from autorecipe.row_words import row_noun
from autorecipe.stages.order import stages_for

OVER_FACTOR, OVER_S = 1.05, 5.0  # a limit counts as kept within 5 % and 5 s: design
BUSY_SLOWNESS = 1.5  # a machine that is so many times as slow as an idle one is called busy; choice
MAX_PARTS = 6  # parts of the time that are named, the longest first
LEFT_S, LEFT_SHARE = 3.0, 0.05  # of the limit: with less left nobody asks where the time went; choice
AFTER_SEARCH = ("evaluate", "export and proof", "interpretation")


def closing_lines(run: Run, directory: str) -> Lines:
    """Write what is left to do, the export with its proof, the time asked and used, and the commands that go on."""
    state = _state_text(run)
    return (
        *(labelled("state", state) if state else ()),
        *(export_lines(run.export) if run.export else ()),
        *(_time_lines(run, run.time) if run.time else ()),
        *(labelled("use", f"autorecipe predict {directory} {_new(run)}") if run.export else ()),
        *(labelled("look", _no_look_text(run, directory)) if _has_no_look(run) else ()),
        *(labelled("serve", f"{run.export.path}/README.md") if run.export else ()),
        *(labelled("recipe", f"{directory}/recipe.yaml") if run.recipe else ()),
        *labelled("report", f"{directory}/report.html"),
        *(labelled("more", f"autorecipe resume {directory} --time-limit 5m: {cut}") if (cut := cut_text(run)) else ()),
    )


def _state_text(run: Run) -> str:
    """Say of a run that is not finished what comes next; "" of one that is."""
    ended = {result.stage for result in run.stages}
    left = [stage.name for stage in stages_for(run.config) if not run.has_whole(stage.name)]
    if run.time is not None or run.profile is None or run.config.until == "profile":
        return ""
    if ended == {"profile"} and any(finding.severity == "stop" for finding in run.profile.findings):
        return "not trained: a finding needs your decision"
    following = left[0].capitalize() if left else "the evaluation"
    return f"not finished, {following} is next: the same fit command goes on where it stopped"


def report_text(directory: str) -> str:
    """Say where the page is that grows with a run."""
    return f"report {directory}/report.html: open it now, it is rewritten after each stage"


def _new(run: Run) -> str:
    return "FOLDER" if run.schema.modality == "image" else "new.csv"


def _has_no_look(run: Run) -> bool:
    """Whether the pictures that a finished run of images draws are missing."""
    return run.schema.modality == "image" and run.export is not None and run.interpretation is None


def _no_look_text(run: Run, directory: str) -> str:
    is_interrupted = any(result.ended == "interrupted" for result in run.stages)
    why = "the run was interrupted" if is_interrupted else "no time was left"
    return f"autorecipe interpret {directory}: what it looks at was left out, as {why}"


def cut_text(run: Run) -> str:
    """Say what cut the network's training short; "" where nothing did, or where no setting of it will help."""
    is_hopeless = any(result.diagnosis is not None and result.diagnosis.name == "no signal" for result in run.stages)
    if run.best is None or not run.best.is_cut or is_hopeless:
        return ""
    who = "your interrupt" if run.best.is_interrupted else "the time limit"
    return f"{who} cut this network's training short"


def export_lines(export: Export) -> Lines:
    """Write what was exported, and whether a fresh process got the same predictions from it."""
    what = f"{count_text(export.n_members, 'network')}, {count_text(export.n_parameters, 'parameter')}"
    label = f" ({export.label})" if export.label else ""
    text = f"{export.path}{label}: {what}, {size_text(export.size_bytes)}"
    parity = export.parity
    if not parity.passed:
        cause = parity.cause or "the exported model predicts otherwise"
        failure = f"FAILED, do not serve this model: {cause}"
        return (*labelled("export", text), *labelled("proof", failure, style="bad"))
    labels = "labels equal" if not parity.labels_differ else f"{parity.labels_differ} labels at a tie differ"
    rows = count_text(parity.n_rows, row_noun(export.modality))
    proof = (
        f"a fresh process without AutoRecipe predicts the same: {rows} and "
        f"{parity.n_mutated} mutated ones, largest difference {parity.max_difference:.1g}, {labels}"
    )
    return (*labelled("export", text), *_speed_lines(export), *labelled("proof", proof))


def _speed_lines(export: Export) -> Lines:
    if not export.rows_per_s:
        return ()
    rate = f"{float(f'{export.rows_per_s:.2g}'):,.0f}"
    row = row_noun(export.modality)
    return labelled("speed", f"serves {rate} {row}s/s, one {row} in {export.one_row_ms:.2g} ms (measured here)")


def unused_text(run: Run) -> str:
    """Say why a run whose stages ended for lack of time did not use all of it; "" where it did, or none did."""
    time = run.time
    if time is None or not any(result.ended == "budget" for result in run.stages):
        return ""
    left_s = time.asked_s - time.used_s
    if left_s < max(LEFT_S, LEFT_SHARE * time.asked_s):
        return ""
    took_s = sum(seconds for name, seconds in time.parts if name in AFTER_SEARCH)
    kept = format_duration(left_s + took_s)
    return f"the search left {kept} for the evaluation, the export and its proof, which took {format_duration(took_s)}"


def busy_text(time: TimeUse) -> str:
    """Say that other work held a run up, where it did; "" where it did not."""
    if time.slowness < BUSY_SLOWNESS:
        return ""
    return f"other work on this machine made it {time.slowness:.1f} times as slow, so there was less time to search"


def is_over(time: TimeUse) -> bool:
    """Return whether a run took longer than was asked."""
    return time.used_s > OVER_FACTOR * time.asked_s + OVER_S


def time_reasons(run: Run, time: TimeUse) -> tuple[str, ...]:
    """Say why a run took longer than asked, or less, or had less to search; empty where there is nothing to say."""
    late = "starting, one network, its export and the proof take longer than was asked" if is_over(time) else ""
    return tuple(part for part in (busy_text(time) or late, unused_text(run)) if part)


def _time_lines(run: Run, time: TimeUse) -> Lines:
    longest = sorted(time.parts, key=lambda part: -part[1])[:MAX_PARTS]
    where = ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in longest)
    text = f"asked {format_duration(time.asked_s)}, used {format_duration(time.used_s)}"
    said = "; ".join(time_reasons(run, time))
    text += f" ({said})" if said else ""
    return labelled("time", f"{text}: {where}" if where else text)
