"""The final model's networks: what each counts, what it costs to serve, and what their mean gains."""

from __future__ import annotations

from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.record.run import Run
from autorecipe.report.text_decisions import recipe_text
from autorecipe.report.text_words import Line, Lines, effect_text, metric_of, noun_of, sentence_lines, value_text

COLUMNS = "  {:<8}{:<10}{:<14}{:<12}{}"  # weight, networks, score, rows/s, recipe
RECIPE_AT = 46  # column of text where the recipe begins


def ensemble_lines(ensemble: Ensemble | None, run: Run) -> Lines:
    """Write one line per recipe, the gain of their mean on rows that did not choose it, and what was left out."""
    if ensemble is None:
        return ()
    parts = ensemble.parts
    table = (_head(run), *(line for part in parts for line in _part_lines(part))) if len(parts) > 1 else ()
    table = table or _stand_in_lines(parts, run)
    return (*table, *_temperature_lines(parts), *_gain_lines(ensemble, run), *_left_out_lines(ensemble))


def _stand_in_lines(parts: tuple[EnsemblePart, ...], run: Run) -> Lines:
    """Name the one recipe of the final model where it is not the one that the stages ended with."""
    if len(parts) != 1 or parts[0].recipe == run.recipe:
        return ()
    title, score = metric_of(run.deciding_metric).title, value_text(parts[0].score)
    text = f"it is '{parts[0].name}': {recipe_text(parts[0].recipe)}; of all that was trained it has the best {title}"
    return sentence_lines(f"{text} out of fold, {score}, within the noise of what the stages kept")


def _head(run: Run) -> Line:
    title = metric_of(run.deciding_metric).title
    return Line(COLUMNS.format("weight", "networks", title[:12], f"{noun_of(run)}s/s", "recipe"), "dim")


def _part_lines(part: EnsemblePart) -> Lines:
    rate = _rate_text(part.rows_per_s) if part.rows_per_s else ""
    text = COLUMNS.format(f"{part.weight:.2f}", len(part.keys), value_text(part.score), rate, "")
    wrapped = sentence_lines(recipe_text(part.recipe), indent=RECIPE_AT)
    first = Line(text.ljust(RECIPE_AT) + wrapped[0].text.strip())
    return (first, *wrapped[1:])


def _gain_lines(ensemble: Ensemble, run: Run) -> Lines:
    if len(ensemble.parts) < 2:
        return ()
    title = metric_of(run.deciding_metric).title
    gain = effect_text(ensemble.gain, ensemble.gain_error)
    text = f"together {title} {value_text(ensemble.score)}, the best alone {value_text(ensemble.best_alone)}; "
    text += f"gain on {noun_of(run)}s that did not choose them: {gain}"
    if ensemble.rows_per_s:
        text += f"; about {_rate_text(ensemble.rows_per_s)} {noun_of(run)}s/s to serve"
    return sentence_lines(text)


def _temperature_lines(parts: tuple[EnsemblePart, ...]) -> Lines:
    known = [part.temperature for part in parts if part.temperature != 1.0]
    if not known:
        return ()
    above = "above 1: they were too sure" if max(known) > 1 else ""
    below = "below 1: they were not sure enough" if min(known) < 1 else ""
    why = "; ".join(part for part in (above, below) if part)
    values = ", ".join(f"{temperature:.2f}" for temperature in known)
    return sentence_lines(f"temperature, fitted out of fold: {values} ({why})")


def _left_out_lines(ensemble: Ensemble) -> Lines:
    return tuple(line for text in ensemble.left_out for line in sentence_lines(f"left out: {text}"))


def _rate_text(rows_per_s: float) -> str:
    return f"{float(f'{rows_per_s:.2g}'):,.0f}"
