"""How good is a dumb model, and is the pipeline sound?"""

from __future__ import annotations

import dataclasses

from autorecipe.change import with_edits
from autorecipe.config import Modality
from autorecipe.effects import BaselineName, Effects
from autorecipe.errors import TrainingFailed
from autorecipe.families import family_named
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.stages import Stage
from autorecipe.stages.portfolio import PLAIN_NETS, data_size, family_change, trial_s
from autorecipe.stages.pretrained_rung import chosen_backbone, missing_rung, pretrained_rung
from autorecipe.stages.rung_cost import BOOSTED_SHARE, boosts_first, boosts_quickly, is_linear_cheap
from autorecipe.stages.soundness import assess, fly_before
from autorecipe.stages.trials import OUT_OF_TIME, ended_by, has_time_for, recipe_of, try_recipe, why_not

TITLES: dict[Modality, dict[BaselineName, str]] = {
    "table": {"constant": "always the same", "linear": "linear", "gradient_boosting": "gradient boosting"},
    "image": {
        "constant": "always the same",
        "linear": "linear on 8 x 8 colours",
        "gradient_boosting": "gradient boosting on 4 x 4 colours",
    },
}
# seconds; a stage with fewer trains what a run cannot do without: a constant, a linear model, one network (measured: of
# 8 s the readings of a network that did not train yet took 5, and each of its five folds was cut short by epoch 14)
SHORT_S = 12.0
# rows -> batch: pytabkit's "auto" rule for RealMLP
BATCH_BY_ROWS = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
LARGEST_BATCH = 1024
# rows -> most epochs: recipe rule F5; early stopping ends most trainings long before
EPOCHS_BY_ROWS = ((10_000, 200), (100_000, 100), (1_000_000, 50))
FEWEST_EPOCHS = 30
# rows -> epochs without a gain before training stops: 15 is recipe rule D1; at least a tenth of the epochs, and five
# evaluations (as T023 asks), since an epoch of a larger table has more steps
PATIENCE_BY_ROWS = ((10_000, 15), (100_000, 10))
LEAST_PATIENCE = 5
QUICK_EPOCHS, QUICK_PATIENCE = 60, 8  # the quick preset's plan must fit its minute
BOOSTING_LEFT_OUT = f"gradient boosting is left out: it would take more than {100 * BOOSTED_SHARE:g} % of the time"
TEXTBOOK_TIMES = 3.0  # its predicted seconds must fit so often: candidates of the next stages come before it; choice
TEXTBOOK_WIDTH, TEXTBOOK_DEPTH, TEXTBOOK_DROPOUT = 128, 3, 0.3  # recipe rule F6


def work(run: Run, effects: Effects) -> StageResult:
    """Climb the ladder from a constant to the textbook net, and probe the simplest net before it is trained.

    Raises
    ------
    TrainingFailed
        When not one network could be trained.
    """
    began, is_short = effects.clock.now_s(), effects.clock.left_s() < SHORT_S
    baselines = _baselines(("constant", "linear"), run, effects)
    is_early = not is_short and boosts_first(run, effects.clock.left_s())  # a long training would leave it no time
    baselines += _baselines(("gradient_boosting",) if is_early else (), run, effects)
    start = first_recipe(run, has_gpu=effects.has_gpu)
    preflight, causes = fly_before(start, effects, only_looks=is_short)
    # networks for images bring a rate along that fits their schedule; the test knows of none
    is_table, swept = run.schema.modality == "table", preflight.rate_range
    if is_table and swept is not None and swept.chosen > 0:
        start = dataclasses.replace(start, learning_rate=_rounded(swept.chosen))
    net = try_recipe(start, effects, name=net_name(start), whatever_the_clock=True)
    if not is_short and not is_early:  # after the network: whatever the clock, a run needs one
        baselines += _baselines(("gradient_boosting",) if boosts_quickly(run) else (), run, effects)
    standing = StageResult(stage="baseline", question=STAGE.question, ladder=tuple(baselines))
    known = dataclasses.replace(run, stages=(*run.stages, standing))
    sound = assess(net, known, effects, when=("before", "during", "after"), preflight=preflight)
    _raise_if_failed(sound.best)
    rung = _last_rung(sound.best, run, effects)
    nets = [sound.best, *([rung.trial] if rung.trial else [])]
    trials = (*baselines, *sound.trials, *nets)
    return StageResult(
        stage="baseline",
        question=STAGE.question,
        start=start,
        end=sound.best.recipe,
        best=sound.best,
        ladder=_by_score(tuple(t for t in (*baselines, *nets) if t.status == "ok"), run),
        trials=trials,
        preflight=sound.preflight,
        outcomes=sound.outcomes,
        findings=sound.findings,
        repairs=sound.repairs,
        diagnosis=sound.diagnosis,
        notes=(
            *(f"not measured: {cause}" for cause in causes),
            *_missing_notes(baselines, run, effects),
            *cut_note(sound.best),
            *rung.notes,
        ),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=is_short or rung.is_late or nets[-1].cause == OUT_OF_TIME),
    )


def _missing_notes(baselines: list[Trial], run: Run, effects: Effects) -> tuple[str, ...]:
    """Name the baselines that nothing could be held against, and why."""
    titles = dict(TITLES[run.schema.modality])
    left_out = () if boosts_quickly(run) else (BOOSTING_LEFT_OUT,)
    if left_out:
        del titles["gradient_boosting"]
    tried = {trial.name for trial in baselines}
    late = " and ".join(title for title in titles.values() if title not in tried)
    failed = (f"not on the ladder: {t.name}, which failed: {t.cause}" for t in baselines if t.status == "failed")
    why = "as you interrupted the run" if effects.clock.interrupted() else "for lack of time"
    return (*((f"not on the ladder: {late}, {why}",) if late else ()), *failed, *left_out)


def cut_note(net: Trial) -> tuple[str, ...]:
    """Say that a network's training was cut short, by whom, on how many folds and when, where that is so."""
    epochs = [fit.epochs for fit in net.fits if fit.is_cut]
    if not epochs:
        return ()
    of_folds = f" on {len(epochs)} of {len(net.fits)} folds" if len(net.fits) > 1 else ""
    when = "at the earliest in" if len(epochs) > 1 else "in"
    who = "your interrupt" if net.is_interrupted else "the clock"
    return (f"{who} cut the training of {net.name} short{of_folds}, {when} epoch {min(epochs)}",)


def net_name(recipe: Recipe) -> str:
    """Return what the ladder calls the simplest net: "net 2x64", "small convnet", or a function of the user's.

    >>> net_name(Recipe())
    'net 2x64'
    """
    if recipe.family == "custom":
        return f"net {recipe.architecture.rpartition(':')[2]}"
    if family_named(recipe.family).modality == "image":
        return f"small {family_named(recipe.family).title}"
    return f"net {recipe.depth}x{recipe.width}"


def textbook_recipe(start: Recipe) -> Recipe:
    """Return the net that does for most cases, at the start's rate: recipe rule F6."""
    if start.family == "custom":
        return start
    return dataclasses.replace(start, width=TEXTBOOK_WIDTH, depth=TEXTBOOK_DEPTH, dropout=TEXTBOOK_DROPOUT)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _LastRung:
    """The rung above the simplest net, and whether there was no time for it."""

    trial: Trial | None = None
    notes: tuple[str, ...] = ()
    is_late: bool = False


def _last_rung(net: Trial, run: Run, effects: Effects) -> _LastRung:
    """Try the textbook net, or of photos a linear head on what a pretrained backbone makes of them."""
    start = recipe_of(net)
    if run.schema.modality == "image" and start.family != "custom":
        return _rung_of_photos(start, run, effects)
    textbook, is_quick = textbook_recipe(start), run.config.preset == "quick"
    if is_quick or not has_time_for(TEXTBOOK_TIMES * trial_s(textbook, [net], run), effects):
        return _LastRung(is_late=not is_quick)
    return _LastRung(trial=try_recipe(textbook, effects, name="textbook net"))


def _rung_of_photos(start: Recipe, run: Run, effects: Effects) -> _LastRung:
    size = data_size(run, has_gpu=effects.has_gpu)
    backbone = chosen_backbone(run, size)
    if not backbone:
        return _LastRung(notes=missing_rung(run, size))
    if not has_time_for(0.0, effects):
        return _LastRung(notes=(f"no rung of pretrained features: {why_not(effects)}",), is_late=True)
    whole = family_change("pretrained", start, size).apply(start)
    rung = pretrained_rung(with_edits(whole, (("backbone", backbone),)), effects, offline=run.config.offline)
    return _LastRung(trial=rung.trial, notes=rung.notes)


def first_recipe(run: Run, *, has_gpu: bool = False) -> Recipe:
    """Return the simplest network: recipe rule B2, with batch and epochs by the number of rows and, of images, time."""
    n = run.split.n_train
    batch = next((b for limit, b in BATCH_BY_ROWS if n <= limit), LARGEST_BATCH)
    epochs = next((e for limit, e in EPOCHS_BY_ROWS if n <= limit), FEWEST_EPOCHS)
    if run.config.preset == "quick":
        epochs = min(epochs, QUICK_EPOCHS)
    patience = next((p for limit, p in PATIENCE_BY_ROWS if n <= limit), LEAST_PATIENCE)
    regression_loss = "mae" if run.metric in ("mae", "median_absolute_error", "mape") else "mse"
    automatic = regression_loss if run.schema.task == "regression" else "cross_entropy"
    loss = automatic if run.config.loss == "auto" else run.config.loss
    own = run.config.architecture
    if run.schema.modality == "image" and own is None:
        plain = Recipe(loss=loss, class_weight=run.config.class_weight, seed=0)  # type: ignore[arg-type]  # as below
        return with_edits(plain, family_named(PLAIN_NETS["image"]).defaults(data_size(run, has_gpu=has_gpu)))
    family = family_named("custom" if own else PLAIN_NETS["table"])
    return Recipe(
        family=family.name,
        architecture=own.name if own else "",
        architecture_hash=own.source_hash if own else "",
        knobs=own.knobs if own else (),
        width=family.start_width,
        depth=family.start_depth,
        loss=loss,  # type: ignore[arg-type]  # one of the literals above
        class_weight=run.config.class_weight,
        batch_size=batch,
        epochs=epochs,
        patience=patience if run.config.preset != "quick" else min(patience, QUICK_PATIENCE),
        seed=0,
    )


def _baselines(names: tuple[BaselineName, ...], run: Run, effects: Effects) -> list[Trial]:
    """Train baselines; without time left only the constant, which every score is held against, and a cheap linear."""
    kept = ("constant", "linear") if is_linear_cheap(run) and not effects.clock.interrupted() else ("constant",)
    affordable = [name for name in names if name in kept or effects.clock.left_s() > 0]
    titles = TITLES[run.schema.modality]
    return [Trial(name=titles[name], recipe=None, fits=tuple(_fits(name, effects))) for name in affordable]


def _fits(name: BaselineName, effects: Effects) -> list[Fit]:
    return [effects.trainer.baseline(name, fold) for fold in range(effects.n_folds)]


def _by_score(trials: tuple[Trial, ...], run: Run) -> tuple[Trial, ...]:
    sign = 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
    return tuple(sorted(trials, key=lambda t: sign * t.validation_score))


def _raise_if_failed(net: Trial) -> None:
    if net.status == "failed":
        raise TrainingFailed(
            f"the simplest network could not be trained: {net.cause}",
            where="stage Baseline",
            fix="the traceback is under trials/ in the run's directory",
        )


def _rounded(rate: float) -> float:
    return float(f"{rate:.1e}")


STAGE = Stage(
    name="baseline",
    question="How good is a dumb model, and is the pipeline sound?",
    work=work,
)
