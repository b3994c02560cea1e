"""Where the time went, what the final model is, and how the run is done again."""

from __future__ import annotations

import dataclasses
import shlex

from autorecipe.budget import format_duration
from autorecipe.command import command_line
from autorecipe.ensemble.record import Ensemble
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import to_yaml
from autorecipe.record.run import Run
from autorecipe.report.page.cards import Fact
from autorecipe.report.page.first import Place
from autorecipe.report.page.value import Block, CodeText, Drawing, Facts, Group, Section, Table
from autorecipe.report.page.words import is_drawn
from autorecipe.report.text_closing import export_lines, time_reasons
from autorecipe.report.text_decisions import recipe_text
from autorecipe.report.text_words import effect_text, metric_of, noun_of, value_text
from autorecipe.store.recipe_file import heaviest_recipe


def budget_section(run: Run, drawings: tuple[Drawing, ...]) -> Section:
    """Return the seconds asked and used, and what each part took."""
    time = run.time
    if time is None:
        parts: tuple[tuple[str, float], ...] = tuple((str(stage.stage), stage.seconds) for stage in run.stages)
        lead = f"Asked for {format_duration(run.config.time_limit_s)}; the run is not finished."
    else:
        parts = time.parts
        why = "; ".join(time_reasons(run, time))
        lead = f"Asked for {format_duration(time.asked_s)}, used {format_duration(time.used_s)}"
        lead += f": {why}." if why else "."
    total = sum(seconds for _, seconds in parts) or 1.0
    rows = tuple((name, f"{seconds:.1f}", f"{100 * seconds / total:.0f} %") for name, seconds in parts)
    table = Table(title="Where the time went", header=("part", "seconds", "share"), rows=rows, code="time")
    plans = _plans(run)
    is_told = is_drawn("time_use", drawings) or not rows
    blocks: tuple[Block | None, ...] = (*drawings, None if is_told else table, plans)
    return Section(code="budget", title="The budget", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _plans(run: Run) -> Table | None:
    rows = tuple(
        (
            stage.stage.capitalize(),
            format_duration(stage.plan.available_s),
            format_duration(stage.plan.trial_s),
            f"{stage.plan.n_trials:,}",
            value_text(stage.plan.detectable_gain) if stage.plan.detectable_gain else "",
        )
        for stage in run.stages
        if stage.plan is not None
    )
    header = ("stage", "time it had", "a trial", "trials that fit", "smallest gain to be told from noise")
    return Table(title="What each stage expected", header=header, rows=rows, code="plans") if rows else None


def recipe_section(run: Run, place: Place) -> Section:
    """Return the final model, its recipe, what it was made with, and the command that does it again."""
    recipe = heaviest_recipe(run)
    squeeze = run.stage("squeeze")
    ensemble = squeeze.ensemble if squeeze is not None else None
    lead = f"{_made_of(ensemble)}{recipe_text(recipe)}." if recipe is not None else "No recipe has been chosen yet."
    exported = _export_facts(run)
    blocks: tuple[Block | None, ...] = (
        exported,
        _ensemble_table(ensemble, run) if ensemble is not None else None,
        _recipe_group(recipe) if recipe is not None else None,
        CodeText(title="The same run again", text=command_line(run.config, run.data.path), code="command"),
        _spent(run, place),
        Facts(title="Made with", facts=_environment(run), code="environment"),
    )
    return Section(code="recipe", title="The model", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _made_of(ensemble: Ensemble | None) -> str:
    """Say of how many networks the model is the mean, before its heaviest recipe is named; "" of a single one."""
    parts = ensemble.parts if ensemble is not None else ()
    n_networks = sum(len(part.keys) for part in parts)
    if n_networks < 2:
        return ""
    if len(parts) == 1:
        return f"The mean of {n_networks} networks of one recipe: "
    return f"The mean of {n_networks} networks of {len(parts)} recipes, of which this one counts most: "


def _recipe_group(recipe: Recipe) -> Group:
    return Group(title="The recipe", blocks=(CodeText(title="recipe.yaml", text=to_yaml(recipe)),), is_folded=True)


def _ensemble_table(ensemble: Ensemble, run: Run) -> Table:
    title = metric_of(run.deciding_metric).title
    rows = tuple(
        (recipe_text(part.recipe), f"{part.weight:.2f}", str(len(part.keys)), value_text(part.score))
        for part in ensemble.parts
    )
    notes = [f"left out: {text}" for text in ensemble.left_out]
    if len(ensemble.parts) > 1:
        gain = effect_text(ensemble.gain, ensemble.gain_error)
        notes.insert(0, f"together {value_text(ensemble.score)}; gain on {noun_of(run)}s that did not choose: {gain}")
    header = ("recipe", "weight", "networks", f"{title} out of fold")
    return Table(title="What it is made of", header=header, rows=rows, note="; ".join(notes), code="ensemble")


def _export_facts(run: Run) -> Facts | None:
    if run.export is None:
        return None
    # export, proof and speed, each on lines of its own whose label fills the first eight columns
    found: list[Fact] = []
    for line in export_lines(run.export):
        label, text = line.text[:8].strip(), line.text[8:].strip()
        if label or not found:
            found.append(Fact(label=label.capitalize(), text=text))
        else:
            found[-1] = dataclasses.replace(found[-1], text=f"{found[-1].text} {text}")
    return Facts(title="What was exported", facts=tuple(found), code="export")


def _spent(run: Run, place: Place) -> CodeText | None:
    if run.recipe is None:
        return None
    where, recipe = shlex.quote(place.path), shlex.quote(f"{place.path}/recipe.yaml")
    data, target = shlex.quote(run.data.path or "DATA"), shlex.quote(run.schema.target)
    lines = (
        f"autorecipe resume {where} --time-limit 5m    # search on",
        f"autorecipe fit {data} --target {target} --recipe {recipe}    # train this recipe",
        f"autorecipe report {where} --open",
    )
    return CodeText(title="Going on from here", text="\n".join(lines), code="more")


def _environment(run: Run) -> tuple[Fact, ...]:
    noun = noun_of(run)
    commit = f", commit {run.git_commit}" if run.git_commit else ""
    return (
        Fact(label="Seed", text=f"{run.config.seed}; every other seed is a hash of it"),
        Fact(label="Data", text=f"{run.data.name}, fingerprint {run.data.fingerprint}"),
        Fact(label="Split", text=_split_text(run, noun)),
        Fact(
            label="AutoRecipe",
            text=f"{run.version or 'unknown'}{commit}",
        ),
        *(Fact(label=name, text=version) for name, version in run.environment),
    )


def _split_text(run: Run, noun: str) -> str:
    split = run.split
    return (
        f"{split.n_train:,} {noun}s to learn from, {split.n_validation:,} to choose by, {split.n_test:,} for the test; "
        f"{split.n_folds} {'folds' if split.n_folds > 1 else 'fold'}: {split.reason}"
    )
