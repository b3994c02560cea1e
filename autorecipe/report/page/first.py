"""The first screen: the verdict in a sentence, the task, what is next, and how the model is used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePath

from autorecipe.budget import format_duration
from autorecipe.findings import findings_of, needs_user
from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.record.run import Run
from autorecipe.report.page.cards import Fact, FindingCard
from autorecipe.report.page.privacy import Privacy, evidence_text, note_text, privacy_text
from autorecipe.report.page.value import FirstScreen, Tone
from autorecipe.report.page.words import sentences
from autorecipe.report.text_closing import cut_text, is_over, time_reasons
from autorecipe.report.text_header import header_facts
from autorecipe.report.text_profile import profile_counts
from autorecipe.report.text_result import CONSTANT, verdict_lines, verdict_style
from autorecipe.report.text_rivals import missing_rivals
from autorecipe.report.text_words import count_text, first_upper, metric_of, noun_of, score_text, value_text
from autorecipe.stages.order import stages_for

GO_ON = "the same fit command goes on where it stopped"
TOP = 5  # findings on the first screen; choice: what fits beside the verdict
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
IN_THE_RUN = (  # what a run's directory may hold, and what it is
    ("export", "Model"),
    ("export-all", "Model of all rows, untested"),
    ("recipe.yaml", "Recipe"),
    ("run.json", "The run"),
    ("report.md", "In short"),
    ("report.json", "As JSON"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run is kept, the names of what lies there, and whether a process works on it."""

    path: str
    names: frozenset[str] = frozenset()
    is_worked_on: bool = True


def first_screen(run: Run, place: Place, cards: tuple[FindingCard, ...], privacy: Privacy) -> FirstScreen:
    """Return what is to be known before anything else.

    Parameters
    ----------
    cards : tuple of FindingCard
        All findings, the gravest first.
    """
    is_running, state = _state(run, place)
    return FirstScreen(
        verdict=verdict_sentence(run),
        tone=_tone(run),
        beside=_beside(run),
        state=state,
        is_running=is_running,
        facts=_facts(run, privacy),
        findings=tuple(card for card in cards if not card.is_note)[:TOP],
        notes=tuple(card for card in cards if card.is_note),
        n_findings=len(cards),
        paths=_paths(run, place),
        code=_use(run, place) if run.export is not None else "",
        privacy=privacy_text(privacy, has_images=run.schema.modality == "image"),
    )


def verdict_sentence(run: Run) -> str:
    """Write how good the model is, beside what, and how many findings wait for an answer.

    Before the test rows were opened it says how far the run is.
    """
    beside = (_rival_part(run.evaluation), missing_rivals(run)) if run.evaluation else ()
    parts = (_score_part(run), *beside, _findings_part(run))
    return first_upper("; ".join(part for part in parts if part))


def _score_part(run: Run) -> str:
    known = run.evaluation
    if known is None:
        return _score_so_far(run)
    score = next((s for s in known.scores if s.metric == known.metric), None)
    said = score_text(score) if score is not None else "(not measured)"
    noun, title = noun_of(run), metric_of(known.metric).title
    if known.rows == "test":
        return f"{title} {said} on {known.n_rows:,} untouched {noun}{'s' * (known.n_rows != 1)}"
    return f"{title} {said} on {count_text(known.n_rows, noun)} out of fold, on which choices were made"


def _score_so_far(run: Run) -> str:
    if run.best is None:
        return _looked_at(run)
    title, score = metric_of(run.deciding_metric).title, value_text(run.best.validation_score)
    untouched = f"the {run.split.n_test:,} test {noun_of(run)}s are untouched" if run.split.n_test else ""
    where = f"on average over {run.split.n_folds} folds" if run.split.n_folds > 1 else "in validation"
    return f"So far {title} {score} {where}{f'; {untouched}' if untouched else ''}"


def _looked_at(run: Run) -> str:
    if run.profile is None:
        return "Nothing is known yet"
    counts = profile_counts(run.profile).replace(" passed", " checks passed", 1).replace("  ", ", ")
    return f"{count_text(run.profile.n_rows, f'training {noun_of(run)}')} looked at: {counts}"


def _rival_part(known: Evaluation) -> str:
    if known.verdict == "alone" or not known.rival:
        return ""
    rival = "a constant" if known.rival == CONSTANT else known.rival
    if known.verdict == "level":
        return f"no better than {rival}" if known.rival == CONSTANT else f"level with {rival}, within the error"
    if known.difference is None:
        return f"{known.verdict} of {rival}" if known.verdict == "ahead" else f"behind {rival}"
    return _gap(known.difference, known.verdict == "ahead", rival)


def _gap(difference: Score, is_ahead: bool, rival: str) -> str:
    size = value_text(abs(difference.value))
    if metric_of(difference.metric).direction == "max":
        return f"{size} {'above' if is_ahead else 'below'} {rival}{'' if is_ahead else ', which wins'}"
    return f"{size} {'less' if is_ahead else 'more'} than {rival}{'' if is_ahead else ', which wins'}"


def _findings_part(run: Run) -> str:
    if run.profile is None:
        return ""
    n = sum(needs_user(finding) for finding in findings_of(run))
    if not n:
        return "no finding needs you"
    said = NUMBERS[n] if n < len(NUMBERS) else f"{n:,}"
    return f"{said} finding{'s' * (n != 1)} need{'s' * (n == 1)} you"


def _tone(run: Run) -> Tone:
    known = run.evaluation
    if known is None:
        return "plain"
    return "bad" if verdict_style(known, run) == "bad" else "good" if verdict_style(known, run) == "good" else "plain"


def _beside(run: Run) -> tuple[str, ...]:
    known = run.evaluation
    found = sentences(verdict_lines(known, run)) if known is not None else ()
    if run.time is not None and is_over(run.time):
        asked, used = format_duration(run.time.asked_s), format_duration(run.time.used_s)
        found = (*found, f"It took {used}, {asked} were asked: {'; '.join(time_reasons(run, run.time))}.")
    failed = run.export is not None and not run.export.parity.passed
    cut = cut_text(run)
    found = tuple(first_upper(text) for text in (*found, *((f"{cut}.",) if cut else ())))
    return (*found, *(("The exported model predicts otherwise: do not serve it.",) if failed else ()))


def _state(run: Run, place: Place) -> tuple[bool, str]:
    """Whether the run goes on, and what was next when this was written: a page cannot know what happened since."""
    planned = [stage.name for stage in stages_for(run.config)]
    ended = {result.stage for result in run.stages}
    # interrupted stages are worked through again, unless the process that they were interrupted in finishes with them
    left = [name for name in planned if not (name in ended if place.is_worked_on else run.has_whole(name))]
    if run.time is not None:
        stopped = any(result.ended == "interrupted" for result in run.stages)
        return False, "The run was interrupted, and finished with what it had." if stopped else "The run is finished."
    if run.profile is None and place.is_worked_on:
        return True, "The data is being looked at. This page is rewritten after each stage."
    if not planned:
        return False, "The data was looked at; nothing is trained."
    findings = run.profile.findings if run.profile is not None else ()
    if not ended - {"profile"} and any(finding.severity == "stop" for finding in findings):
        return False, "The run stopped before training: a finding needs your decision."
    following = left[0].capitalize() if left else "the evaluation"
    if not place.is_worked_on:
        return False, f"Broken off before {following}, and no process works on it: {GO_ON}."
    was_next = f"{first_upper(following)} was next when this was written."
    return (
        True,
        f"{was_next} If that is long ago, the run was broken off: {GO_ON}. This page is rewritten after each stage.",
    )


def _facts(run: Run, privacy: Privacy) -> tuple[Fact, ...]:
    said = {"task": lambda text: _task_text(run, privacy), "read": lambda text: note_text(text, privacy)}
    return tuple(
        Fact(label=first_upper(label), text=said[label](text) if label in said else text, flag=flag)
        for label, text, flag in header_facts(run)
    )


def _task_text(run: Run, privacy: Privacy) -> str:
    """Write the task and how it was inferred; of a regression without the ends of its range."""
    schema = run.schema
    is_number = schema.task == "regression"
    reason = evidence_text(schema.task_reason, schema.target, privacy) if is_number else schema.task_reason
    return f"{schema.task}: {reason}"


def _paths(run: Run, place: Place) -> tuple[Fact, ...]:
    return tuple(
        Fact(label=label, text=str(PurePath(place.path) / name), is_code=True)
        for name, label in IN_THE_RUN
        if name in place.names
    )


def _use(run: Run, place: Place) -> str:
    what = '"images/"' if run.schema.modality == "image" else 'pd.read_csv("new.csv")'
    first = "import autorecipe" if run.schema.modality == "image" else "import autorecipe, pandas as pd"
    return f"{first}\nmodel = autorecipe.load({json.dumps(place.path)})\nmodel.predict({what})"
