"""The user's own ideas: the change, the score before and after, the rule, and what to do next."""

from __future__ import annotations

import math

from autorecipe.record.run import Run
from autorecipe.record.stage import Idea
from autorecipe.report.text_words import Line, Lines, count_text, effect_text, labelled, metric_of, value_text
from autorecipe.row_words import said_of

FINE = 5  # significant digits, where fewer would show the same score twice


def idea_lines(run: Run) -> Lines:
    """Write every idea that was tried on a run, with its scores and what became of it; nothing without ideas."""
    if not run.ideas:
        return ()
    return (Line("Your ideas", "heading"), *(line for idea in run.ideas for line in _short_lines(idea, run)))


def tried_lines(run: Run, directory: str) -> Lines:
    """Write the last idea in full, and the command that goes on from it.

    Parameters
    ----------
    directory : str
        The run directory, as the user may write it in a command.
    """
    idea = run.ideas[-1]
    decision = idea.decision
    rule = said_of(run.schema.modality, rule_in_words(idea))
    return (
        *labelled("change", decision.change.title),
        *labelled("score", f"{scores_text(idea, run)}{_effect_text(idea, run)}"),
        *labelled("rule", f"{rule} ({decision.rule})", style="good" if decision.kept else "plain"),
        *labelled("next", next_text(idea, directory)),
    )


def scores_text(idea: Idea, run: Run) -> str:
    """Write the deciding score before and after a change, finely enough to tell them apart."""
    title, before = metric_of(run.deciding_metric).title, value_text(idea.score_before)
    if idea.trial.status == "failed":
        return f"{title} {before} before; it could not be trained"
    after = value_text(idea.trial.validation_score)
    if before == after:
        before, after = (f"{score:,.{FINE}g}" for score in (idea.score_before, idea.trial.validation_score))
    return f"{title} {before} before, {after} with it"


def rule_in_words(idea: Idea) -> str:
    """Say in plain words why a change was kept or not."""
    decision = idea.decision
    effect, error = decision.effect, decision.error
    if idea.trial.status == "failed":
        return "not kept: it could not be trained"
    if decision.kept and effect > error:
        return "kept: the gain is larger than its error allows for chance"
    if decision.kept:
        return "kept: it is simpler, and not worse by more than its error"
    if effect < -error:
        return "not kept: it is worse by more than its error"
    if math.isnan(effect):
        return "not kept: the score is not defined on these rows"
    if abs(effect) <= error:
        return "not kept: the difference is within its error, so it may be chance"
    return "not kept: the gain is larger than its error, but not by as much as so few folds ask for"


def next_text(idea: Idea, directory: str) -> str:
    """Return what to do after an idea was judged."""
    if idea.decision.kept:
        return f"autorecipe resume {directory} searches on from it; until then the exported model stays as it is"
    return f"the recipe stays as it was; another idea: autorecipe try {directory} FIELD=VALUE"


def _effect_text(idea: Idea, run: Run) -> str:
    if idea.trial.status == "failed":
        return ""
    judged = count_text(run.split.n_folds, "fold") if run.split.n_folds > 1 else "one validation split"
    return f": {effect_text(idea.decision.effect, idea.decision.error)} on {judged} (± is one standard error)"


def _short_lines(idea: Idea, run: Run) -> Lines:
    decision = idea.decision
    effect = "" if idea.trial.status == "failed" else f", {effect_text(decision.effect, decision.error)}"
    text = f"{decision.change.title}: {scores_text(idea, run)}{effect}"
    return labelled("  kept" if decision.kept else "  no", text, style="good" if decision.kept else "plain")
