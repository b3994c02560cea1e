"""Two finished runs side by side, as one value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from autorecipe.change import KNOB_PREFIX
from autorecipe.comparison import Beside, Comparison, ScoreBeside, StageBeside, Value
from autorecipe.config import Config
from autorecipe.data.file_names import listed
from autorecipe.errors import UserError
from autorecipe.findings import findings_of
from autorecipe.paired import KeptRows, paired_difference
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.store.choose import FLAGS
from autorecipe.store.recipe_file import heaviest_recipe, parts_of

Kept = tuple[KeptRows | None, KeptRows | None]
FLAG_NAMES = {  # of settings whose flag is not their name, or says the opposite
    "time_limit_s": "--time-limit (s)",
    "cost_matrix": "--cost",
    "families": "--family",
    "has_header": "a header line",
    "show_samples": "samples in the report",
}
SPLIT_SETTINGS = ("seed", "test_share", "test_path", "split_by_group", "split_by_time")  # that share out the rows


def compare(first: Run, second: Run, *, names: tuple[str, str], kept: Kept = (None, None)) -> Comparison:
    """Put two finished runs side by side.

    Parameters
    ----------
    names : tuple of str
        What they are called in messages.
    kept : tuple of KeptRows or None
        What each said of the rows that it was scored on.

    Raises
    ------
    UserError
        As `check_comparable`.
    """
    check_comparable(first, second, names)
    runs = (first, second)
    paired, why_not = None, _why_not(runs, kept, names)
    if not why_not and kept[0] is not None and kept[1] is not None:
        paired = paired_difference(runs, (kept[0], kept[1]), metric=first.metric)
        why_not = "" if paired else "fewer than ten rows were scored by both"
    return Comparison(
        names=names,
        target=first.schema.target.strip(),
        metric=first.metric,
        deciding_metric=first.deciding_metric,
        same_data=_is_same_data(runs),
        data=_data(runs),
        flags=_flags(first.config, second.config),
        scores=_scores(runs),
        recipe=_recipe(runs),
        training=Beside(name="trained for", first=_training(first), second=_training(second)),
        parts=(parts_of(first), parts_of(second)),
        stages=_stages(runs),
        costs=_costs(runs),
        only_first=_only(first, second),
        only_second=_only(second, first),
        difference=paired.difference if paired else None,
        n_paired=paired.n_rows if paired else 0,
        n_scored=(_n_scored(first), _n_scored(second)),
        modality=first.schema.modality,
        why_not=why_not,
        why_apart=_why_apart(runs, n_paired=paired.n_rows if paired else 0),
        n_too_few=paired.n_too_few if paired else 0,
    )


def check_comparable(first: Run, second: Run, names: tuple[str, str]) -> None:
    """Check that two runs are finished and predict the same column as the same kind of thing.

    Raises
    ------
    UserError
        When they are not, do not, or have no class in common.
    """
    for run, name in zip((first, second), names, strict=True):
        if run.evaluation is None:
            raise UserError(
                f"the run in '{name}' is not finished", where=name, fix="finish it, then compare it: give fit again"
            )
    if (first.schema.target.strip(), first.schema.task) != (second.schema.target.strip(), second.schema.task):
        what = [f"'{run.schema.target.strip()}' ({run.schema.task})" for run in (first, second)]
        raise UserError(
            f"the runs predict different things: {what[0]} and {what[1]}",
            where=" ".join(names),
            fix="compare runs of one target",
        )
    if first.schema.classes and not set(first.schema.classes) & set(second.schema.classes):
        what = [f"{listed(run.schema.classes)} in '{name}'" for run, name in zip((first, second), names, strict=True)]
        raise UserError(
            f"the runs have no class in common: {what[0]}; {what[1]}",
            where=" ".join(names),
            fix="compare runs of one target with the same classes",
        )


def _is_same_data(runs: tuple[Run, Run]) -> bool:
    return runs[0].data.fingerprint == runs[1].data.fingerprint


def _n_scored(run: Run) -> int:
    return run.evaluation.n_rows if run.evaluation else 0


def _why_not(runs: tuple[Run, Run], kept: Kept, names: tuple[str, str]) -> str:
    """Say why scores cannot be paired row by row; "" where they can."""
    same_classes = runs[0].schema.classes == runs[1].schema.classes
    if not _is_same_data(runs):
        return "the data differ" if same_classes else "the data differ, and so do the classes"
    kinds = [run.evaluation.rows for run in runs if run.evaluation is not None]
    if kinds[0] != kinds[1]:
        return f"one run was scored on its {kinds[0]} rows, the other on its {kinds[1]} rows"
    if not same_classes:
        return "the classes differ in number, name or order"
    missing = next((name for name, own in zip(names, kept, strict=True) if own is None), "")
    return f"'{missing}' kept no predictions of the rows that it was scored on" if missing else ""


def _why_apart(runs: tuple[Run, Run], *, n_paired: int) -> str:
    """Name the flags that let two runs of the same data be scored on other rows."""
    if not _is_same_data(runs) or n_paired == max(map(_n_scored, runs)):
        return ""
    settings = [(name, _setting(name, runs[0]), _setting(name, runs[1])) for name in SPLIT_SETTINGS]
    return "; ".join(f"{_flag(name)} {a} and {b}" for name, a, b in settings if a != b)


def _setting(name: str, run: Run) -> str:
    value = _said(getattr(run.config, name))
    return "none" if value is None else str(value)


def _differing(pairs: list[tuple[str, Value, Value]]) -> tuple[Beside, ...]:
    return tuple(Beside(name=name, first=a, second=b) for name, a, b in pairs if a != b)


def _all(pairs: list[tuple[str, Value, Value]]) -> tuple[Beside, ...]:
    return tuple(Beside(name=name, first=a, second=b) for name, a, b in pairs)


def _both(name: str, runs: tuple[Run, Run], value: Callable[[Run], Value]) -> tuple[str, Value, Value]:
    return name, value(runs[0]), value(runs[1])


def _data(runs: tuple[Run, Run]) -> tuple[Beside, ...]:
    made_of = _differing([_both("learns from", runs, lambda run: f"{run.schema.modality}s")])
    return made_of + _all(
        [
            _both("name", runs, lambda run: run.data.name),
            _both("fingerprint", runs, lambda run: run.data.fingerprint),
            _both("rows", runs, lambda run: run.data.n_rows),
            _both("columns", runs, lambda run: run.data.n_columns),
            _both("learned from", runs, lambda run: run.data.n_rows - run.split.n_test),
            _both("test rows", runs, lambda run: run.split.n_test),
        ]
    )


def _flags(first: Config, second: Config) -> tuple[Beside, ...]:
    names = [field.name for field in dataclasses.fields(Config)]
    pairs = [(_flag(name), getattr(first, name), getattr(second, name)) for name in names]
    return tuple(Beside(name=name, first=_said(a), second=_said(b)) for name, a, b in pairs if a != b)


def _flag(name: str) -> str:
    """Return the flag of a setting."""
    return FLAG_NAMES.get(name) or FLAGS.get(name) or f"--{name.replace('_', '-')}"


def _said(value: object) -> Value:
    """Return a setting as a plain value: nothing for none, and a word for what has many parts."""
    if value is None or value == () or value == "":
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return ", ".join("=".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in value)
    if isinstance(value, Recipe):
        return f"{value.family}, {value.key}"
    return str(getattr(value, "path", "") or getattr(value, "name", "") or value)


def _scores(runs: tuple[Run, Run]) -> tuple[ScoreBeside, ...]:
    found = [{s.metric: s for s in run.evaluation.scores} if run.evaluation else {} for run in runs]
    return tuple(
        ScoreBeside(metric=name, first=found[0].get(name), second=found[1].get(name))
        for name in dict.fromkeys((*found[0], *found[1]))
    )


def _recipe(runs: tuple[Run, Run]) -> tuple[Beside, ...]:
    first, second = (_fields(heaviest_recipe(run)) for run in runs)
    return _differing([(name, first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))])


def _fields(recipe: Recipe | None) -> dict[str, Value]:
    if recipe is None:
        return {}
    plain: dict[str, Value] = {f.name: getattr(recipe, f.name) for f in dataclasses.fields(Recipe) if f.name != "knobs"}
    return plain | {KNOB_PREFIX + name: value for name, value in recipe.knobs}


def _training(run: Run) -> str:
    """Say for how many epochs the recipe that counts most was trained, on all folds, and whether it was cut short."""
    recipe = heaviest_recipe(run)
    trials = [t for result in run.stages for t in (*result.trials, *((result.best,) if result.best else ()))]
    known = [t for t in trials if t.recipe == recipe and t.status == "ok" and t.fits[0].epochs]
    if recipe is None or not known:
        return ""
    epochs = [fit.epochs for fit in known[-1].fits]
    span = f"{min(epochs):,}" if min(epochs) == max(epochs) else f"{min(epochs):,} to {max(epochs):,}"
    text = f"{span} epoch{'s' * (max(epochs) > 1)} of at most {recipe.epochs:,}"
    return f"{text}, cut short by the clock" if known[-1].is_cut else text


def _stages(runs: tuple[Run, Run]) -> tuple[StageBeside, ...]:
    names = dict.fromkeys(result.stage for run in runs for result in run.stages)
    found = []
    for name in names:
        first, second = (run.stage(name) for run in runs)
        bests = [own.best for own in (first, second) if own is not None]
        scores = [None if own is None or own.best is None else own.best.validation_score for own in (first, second)]
        changes = [
            tuple(d.change.title for d in (*own.repairs, *own.decisions) if d.kept) if own is not None else ()
            for own in (first, second)
        ]
        if not any(bests) and not any(changes) and name == "profile":
            continue
        found.append(
            StageBeside(
                stage=name,
                first_score=scores[0],
                second_score=scores[1],
                first_kept=changes[0],
                second_kept=changes[1],
                first_s=first.seconds if first else None,
                second_s=second.seconds if second else None,
            )
        )
    return tuple(found)


def _costs(runs: tuple[Run, Run]) -> tuple[Beside, ...]:
    return _all(
        [
            _both("seconds asked", runs, lambda run: run.time.asked_s if run.time else None),
            _both("seconds used", runs, lambda run: run.time.used_s if run.time else None),
            _both("networks", runs, lambda run: run.export.n_members if run.export else None),
            _both("parameters", runs, lambda run: run.export.n_parameters if run.export else None),
            _both("bytes", runs, lambda run: run.export.size_bytes if run.export else None),
            _both("rows per second", runs, lambda run: run.export.rows_per_s if run.export else None),
            _both("one row, ms", runs, lambda run: run.export.one_row_ms if run.export else None),
        ]
    )


def _only(run: Run, other: Run) -> tuple[Finding, ...]:
    """Return the findings of a run that the other lacks: of another check, or of other columns."""
    known = {(finding.code, finding.columns) for finding in findings_of(other)}
    found: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for finding in findings_of(run):
        key = (finding.code, finding.columns)
        if key not in known:
            found.setdefault(key, finding)
    return tuple(found.values())
