"""What a careful person ticks before, during and after training, each ticked from the run: recipe rule J."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from autorecipe.findings import needs_user, was_acted_on
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.report.page.cards import Tick, TickState
from autorecipe.report.page.value import Section, Ticks
from autorecipe.report.text_decisions import recipe_text
from autorecipe.report.text_profile import profile_counts
from autorecipe.report.text_words import count_text, metric_of, noun_of, value_text
from autorecipe.store.recipe_file import heaviest_recipe

Verdict = tuple[TickState, str]
When = Literal["before", "during", "after"]
TITLES: dict[When, str] = {"before": "Before training", "during": "During training", "after": "After training"}
NOT_YET: Verdict = ("not done", "the run has not come to it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a checklist.

    Attributes
    ----------
    code : str
        "J1", "J2", ...: stable.
    judge : callable
        Run -> whether it was done, and what shows it.
    """

    code: str
    when: When
    text: str
    judge: Callable[[Run], Verdict]


def checklists_section(run: Run) -> Section:
    """Return the three checklists, ticked."""
    ticks = {item.code: tick_of(item, run) for item in ITEMS}
    n = {state: sum(tick.state == state for tick in ticks.values()) for state in ("done", "not done", "not applicable")}
    lead = f"{n['done']} of {len(ticks)} done, {n['not done']} not done, {n['not applicable']} not applicable."
    lists = tuple(
        Ticks(title=title, ticks=tuple(ticks[item.code] for item in ITEMS if item.when == when), code=f"ticks-{when}")
        for when, title in TITLES.items()
    )
    return Section(code="checklists", title="The checklists", lead=lead, blocks=lists)


def tick_of(item: Item, run: Run) -> Tick:
    """Judge one item by the run."""
    state, evidence = item.judge(run)
    return Tick(code=item.code, item=item.text, state=state, evidence=evidence)


def _looked_at(run: Run) -> Verdict:
    known = run.profile
    if known is None:
        return NOT_YET
    return "done", f"{known.n_rows:,} training {noun_of(run)}s; {profile_counts(known).replace('  ', ', ')}"


def _cleaned(run: Run) -> Verdict:
    known = run.profile
    if known is None:
        return NOT_YET
    n_acted = sum(was_acted_on(finding) for finding in known.findings)
    n_left = sum(needs_user(finding) for finding in known.findings)
    said = f"{count_text(n_acted, 'finding')} acted on, {n_left} left to you"
    if n_left:
        return "not done", said
    return ("done", said) if n_acted else ("not applicable", "no finding asked for an action")


def _split(run: Run) -> Verdict:
    split = run.split
    said = f"{split.n_train:,} to learn from, {split.n_validation:,} to choose by, {split.n_test:,} untouched"
    return ("done" if split.n_test else "not done"), f"{said} ({split.reason})"


def _preprocessed(run: Run) -> Verdict:
    images = run.profile.images if run.profile else None
    if images is not None and images.spec is not None:
        spec = images.spec
        return "done", f"every image is brought to {spec.width} x {spec.height} x {spec.channels} inside the model"
    n = len(run.schema.features)
    return "done", f"{count_text(n, 'column')} read by kind; cells are parsed and scaled inside the model"


def _chosen(run: Run) -> Verdict:
    stage = run.stage("baseline")
    if stage is None or stage.start is None:
        return NOT_YET
    n_tried = sum(len(s.decisions) for s in run.stages) + sum(len(s.trials) for s in run.stages if s.stage == "tune")
    tried = f"{count_text(n_tried, 'change')} of it tried" if n_tried else "no change of it was tried"
    return "done", f"by rules, {recipe_text(stage.start)}{f'; {tried}' if run.evaluation is not None else ''}"


def _stops_early(run: Run) -> Verdict:
    recipe = heaviest_recipe(run)
    if recipe is None:
        return NOT_YET
    if recipe.patience:
        return "done", f"patience {recipe.patience} epochs, the best epoch's weights put back"
    return "not applicable", "a schedule of fixed length, its last weights kept"


def _metrics_chosen(run: Run) -> Verdict:
    metric, deciding = metric_of(run.metric).title, metric_of(run.deciding_metric).title
    return "done", metric if metric == deciding else f"{metric}; {deciding} decides, as it moves with every prediction"


def _watched(run: Run) -> Verdict:
    fits = [fit for trial in _trials(run) for fit in trial.fits if fit.history.validation_loss]
    if not fits:
        return NOT_YET
    return "done", f"both losses kept for each epoch of {count_text(len(fits), 'training')}"


def _falls(run: Run) -> Verdict:
    best = run.best
    if best is None or not best.fits:
        return NOT_YET
    history = best.fits[0].history.train_loss
    if len(history) < 2:
        return "not done", "fewer than two epochs are known of the final network"
    fell = min(history[1:]) < history[0]
    return ("done" if fell else "not done"), f"training loss {value_text(history[0])} to {value_text(min(history))}"


def _stable(run: Run) -> Verdict:
    if run.best is None:
        return NOT_YET
    codes = sorted({f.code for s in run.stages for f in s.findings if f.code in ("T013", "T016", "T020")})
    repairs = sum(len(fit.repairs) for trial in _trials(run) for fit in trial.fits)
    if codes:
        return "not done", f"{', '.join(codes)} found something; {count_text(repairs, 'repair')}"
    return "done", f"no NaN, no exploding gradient, no swings; {count_text(repairs, 'repair')}"


def _saved(run: Run) -> Verdict:
    n = sum(len(trial.fits) for trial in _trials(run) if trial.status == "ok")
    return ("done", f"weights of {count_text(n, 'training')} are kept") if n else NOT_YET


def _evaluated(run: Run) -> Verdict:
    known = run.evaluation
    if known is None:
        return NOT_YET
    if known.rows != "test":
        return "not done", f"no {noun_of(run)}s were locked away; scores are out of fold"
    return "done", f"{known.n_rows:,} test {noun_of(run)}s, opened {count_text(run.test_opened, 'time')}"


def _errors_analysed(run: Run) -> Verdict:
    known = run.interpretation
    if known is None:
        return NOT_YET if run.evaluation is None else ("not done", "no time was left; autorecipe interpret RUN does it")
    if known.images is not None:
        return (
            "done",
            f"{known.images.n_wrong:,} of {known.n_rows:,} images are wrong; {len(known.images.pictures)} pictures",
        )
    found = f"{count_text(len(known.slices), 'weak slice')}, {count_text(len(known.errors), 'largest error')}"
    return "done", f"{found}, {count_text(len(known.importances), 'column')} weighed"


def _all_metrics(run: Run) -> Verdict:
    if run.evaluation is None:
        return NOT_YET
    return "done", ", ".join(metric_of(score.metric).title for score in run.evaluation.scores)


def _documented(run: Run) -> Verdict:
    return ("done", "this report, its twins and run.json") if run.evaluation is not None else NOT_YET


def _model_saved(run: Run) -> Verdict:
    if run.export is None:
        return NOT_YET
    parity = run.export.parity
    if not parity.passed:
        return "not done", f"the proof failed: {parity.cause or 'the exported model predicts otherwise'}"
    return "done", f"a fresh process predicts the same on {count_text(parity.n_rows, noun_of(run))}"


def _trials(run: Run) -> tuple[Trial, ...]:
    """Every network that was trained, each once."""
    found = [t for s in run.stages for t in (*s.trials, *s.ladder, *((s.best,) if s.best else ()))]
    return tuple({tuple(fit.key for fit in t.fits): t for t in found if t.recipe is not None}.values())


ITEMS: tuple[Item, ...] = (
    Item(code="J1", when="before", text="the data was looked at", judge=_looked_at),
    Item(code="J2", when="before", text="the data was cleaned", judge=_cleaned),
    Item(code="J3", when="before", text="rows were split for learning, choosing and testing", judge=_split),
    Item(code="J4", when="before", text="preprocessing is defined", judge=_preprocessed),
    Item(code="J5", when="before", text="architecture and hyperparameters were chosen", judge=_chosen),
    Item(code="J6", when="before", text="early stopping is set", judge=_stops_early),
    Item(code="J7", when="before", text="metrics were chosen", judge=_metrics_chosen),
    Item(code="J8", when="during", text="training and validation loss were watched", judge=_watched),
    Item(code="J9", when="during", text="the loss falls", judge=_falls),
    Item(code="J10", when="during", text="training is stable", judge=_stable),
    Item(code="J11", when="during", text="networks are saved", judge=_saved),
    Item(code="J12", when="after", text="the final model was evaluated on the test rows", judge=_evaluated),
    Item(code="J13", when="after", text="its errors were analysed", judge=_errors_analysed),
    Item(code="J14", when="after", text="all metrics were computed", judge=_all_metrics),
    Item(code="J15", when="after", text="the results are documented", judge=_documented),
    Item(code="J16", when="after", text="the final model is saved, and proved", judge=_model_saved),
)
