"""Is the network sound? What was measured of it, judged by the training checks; and what mends it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from autorecipe.change import Change
from autorecipe.checks.training import judge_network, repairs_for
from autorecipe.checks.training_check import When
from autorecipe.diagnose import diagnose
from autorecipe.effects import Effects, ProbeName
from autorecipe.evidence import Evidence, Facts, MeanLosses, Rival, TrainingReading
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.readings import NotMeasured, Preflight
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.record.trial import Decision, Trial
from autorecipe.stages.trials import has_time_for, judged, try_recipe, why_not

# these train nothing and are always taken
LOOKS: tuple[ProbeName, ...] = ("inputs", "head", "layout", "loss_at_start", "loss_with_prior_bias")
# in the order of how much depends on them: the last ones are left out first when time is short
TRIALS: tuple[ProbeName, ...] = (
    "tiny_batch",
    "rate_range",
    "controls",
    "cross_talk",
    "duplication",
    "internals",
    "evaluation",
    "parity",
)
PREFLIGHT_SHARE = 0.2  # of a stage's time, at most; choice
N_REPAIRS = 3  # changes tried for one network; choice: what three did not mend needs a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What the checks say of a network, and what was done about it.

    Attributes
    ----------
    best : Trial
        The network, repaired where a repair was kept.
    trials : tuple of Trial
        The repairs that were tried.
    repairs : tuple of Decision
    diagnosis : Diagnosis or None
        None where the network could not be trained.
    preflight : Preflight or None
        What was measured of `best` before it was trained.
    """

    best: Trial
    outcomes: tuple[CheckOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    trials: tuple[Trial, ...] = ()
    repairs: tuple[Decision, ...] = ()
    diagnosis: Diagnosis | None = None
    preflight: Preflight | None = None


def fly_before(recipe: Recipe, effects: Effects, *, only_looks: bool = False) -> tuple[Preflight, tuple[str, ...]]:
    """Take the readings that do not need a trained network.

    Parameters
    ----------
    only_looks : bool
        Leave out the probes that train.

    Returns
    -------
    preflight : Preflight
    causes : tuple of str
        Why readings are missing: "controls: no time was left".
    """
    began, readings, causes, late = effects.clock.now_s(), Preflight(), [], []
    allowed_s = 0.0 if only_looks else PREFLIGHT_SHARE * effects.clock.left_s()
    for name in (*LOOKS, *TRIALS):
        if name == "rate_range" and not family_named(recipe.family).suits_rate_test:
            continue
        is_late = effects.clock.interrupted() or effects.clock.now_s() - began >= allowed_s
        if name in TRIALS and is_late:
            late.append(name.replace("_", " "))
            continue
        reading = effects.trainer.probe(name, recipe)
        if isinstance(reading, NotMeasured):
            causes.append(f"{name.replace('_', ' ')}: {reading.cause}")
        else:
            readings = dataclasses.replace(readings, **{name: reading})  # type: ignore[arg-type]  # of that field
    if late:
        causes.append(f"{', '.join(late)}: {why_not(effects)}")
    return readings, tuple(causes)


def evidence_of(trial: Trial, run: Run, *, preflight: Preflight | None = None, edges: tuple[str, ...] = ()) -> Evidence:
    """Return what is known of a trained network: its first fold, beside the baselines on the same rows.

    Parameters
    ----------
    edges : tuple of str
        Knobs whose best value lies at the end of what was searched.
    """
    recipe = trial.recipe
    if recipe is None:
        raise ValueError(f"'{trial.name}' is a baseline, not a network")
    fit = trial.fits[0]
    training = TrainingReading(
        fit=fit,
        epochs=recipe.epochs,
        patience=recipe.patience,
        chance_loss=fit.chance_loss,
        largest_true_share=fit.largest_true_share,
        floor=run.profile.floor if run.profile else None,
        rivals=_rivals(run),
        gain=trial.gain_over_chance,
        gain_error=trial.gain_error,
        n_folds=len(trial.fits),
        mean=_mean_losses(trial),
    )
    family = family_named(recipe.family)
    facts = Facts(
        task=run.schema.task,
        n_classes=max(len(run.schema.classes), 1),
        n_train=run.split.n_train,
        n_validation=run.split.n_validation,
        learning_rate=recipe.learning_rate,
        batch_size=recipe.batch_size,
        optimizer=recipe.optimizer,
        starts_at_prior=family.starts_at_prior,
        suits_rate_test=family.suits_rate_test,
        edges=edges,
        modality=run.schema.modality,
    )
    return Evidence(facts=facts, preflight=preflight or Preflight(), training=training)


def _mean_losses(trial: Trial) -> MeanLosses | None:
    n_folds = len(trial.fits)
    if n_folds < 2 or trial.status == "failed":
        return None
    return MeanLosses(
        train=trial.train_loss,
        validation=trial.validation_loss,
        error=math.hypot(*(fit.validation_loss_error for fit in trial.fits)) / n_folds,
        chance=sum(fit.chance_loss for fit in trial.fits) / n_folds,
    )


def appraise(
    trial: Trial,
    run: Run,
    *,
    when: tuple[When, ...],
    preflight: Preflight | None = None,
    edges: tuple[str, ...] = (),
) -> Soundness:
    """Judge a network and diagnose it; nothing is repaired."""
    evidence = evidence_of(trial, run, preflight=preflight, edges=edges)
    outcomes, findings = judge_network(evidence, when=when)
    diagnosis = diagnose(evidence) if trial.status == "ok" else None
    return Soundness(best=trial, outcomes=outcomes, findings=findings, diagnosis=diagnosis, preflight=preflight)


def told_of(result: StageResult, sound: Soundness) -> StageResult:
    """Return a stage's result with what the checks say of its network."""
    return dataclasses.replace(
        result,
        outcomes=sound.outcomes,
        findings=sound.findings,
        repairs=sound.repairs,
        diagnosis=sound.diagnosis,
        trials=(*result.trials, *sound.trials),
    )


def assess(
    trial: Trial,
    run: Run,
    effects: Effects,
    *,
    when: tuple[When, ...],
    preflight: Preflight | None = None,
    seed_spread: float = 0.0,
) -> Soundness:
    """Judge a network, and try the repairs that its findings promise, one change at a time."""
    sound = appraise(trial, run, when=when, preflight=preflight)
    was_measured = preflight is not None
    while len(sound.trials) < N_REPAIRS and (change := _next_repair(sound, run, preflight)) is not None:
        if not has_time_for(sound.best.seconds, effects):
            break
        sound = _repaired(sound, change, run, effects, seed_spread=seed_spread)
        if sound.repairs[-1].kept and sound.best.recipe is not None:
            # what was measured of the network before its repair says nothing of it now
            preflight = fly_before(sound.best.recipe, effects)[0] if was_measured else None
            again = appraise(sound.best, run, when=when, preflight=preflight)
            sound = dataclasses.replace(again, trials=sound.trials, repairs=sound.repairs)
    return dataclasses.replace(sound, findings=tuple(_told(f, sound) for f in sound.findings))


def _next_repair(sound: Soundness, run: Run, preflight: Preflight | None) -> Change | None:
    recipe = sound.best.recipe
    asking = tuple(f for f in sound.findings if f.action == "repair" and f.severity != "info")
    if recipe is None or not asking:
        return None
    tried = {trial.recipe for trial in sound.trials}
    changes = repairs_for(asking, recipe, evidence_of(sound.best, run, preflight=preflight))
    return next((change for change in changes if change.apply(recipe) not in tried), None)


def _repaired(sound: Soundness, change: Change, run: Run, effects: Effects, *, seed_spread: float) -> Soundness:
    before = sound.best
    if before.recipe is None:
        raise ValueError(f"'{before.name}' is a baseline, not a network")
    trial = try_recipe(change.apply(before.recipe), effects, name=change.title)
    if before.status == "failed" and trial.status == "ok":
        decision = Decision(change=change, kept=True, effect=0.0, error=0.0, rule="kept: it can be trained")
    else:
        decision = judged(change, (before, trial), run, effects, seed_spread=seed_spread)
    return dataclasses.replace(
        sound,
        best=trial if decision.kept else before,
        trials=(*sound.trials, trial),
        repairs=(*sound.repairs, decision),
    )


def _told(finding: Finding, sound: Soundness) -> Finding:
    """Return a finding with what became of the repairs that it had asked for."""
    own = [decision for decision in sound.repairs if finding.code in decision.change.reason]
    if finding.action != "repair" or not own:
        return finding
    titles = ", ".join(decision.change.title for decision in own)
    kept = [decision.change.title for decision in own if decision.kept]
    told = f"tried {titles}: " + (f"kept {', '.join(kept)}, and it is still there" if kept else "none helped")
    return dataclasses.replace(finding, remedy=told)


def _rivals(run: Run) -> tuple[Rival, ...]:
    baseline = run.stage("baseline")
    trials = baseline.ladder if baseline else ()
    return tuple(
        Rival(
            name=t.name,
            train_loss=t.fits[0].train_loss,
            validation_loss=t.fits[0].validation_loss,
            gain=t.gain_over_chance,
            gain_error=t.gain_error,
        )
        for t in trials
        if t.recipe is None
    )
