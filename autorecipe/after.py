"""What a run is used for: predict, score, export again, refit on all rows."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autorecipe.architecture import Build
from autorecipe.change import Change
from autorecipe.data.folds import Fold
from autorecipe.data.split import Split
from autorecipe.data.split_words import rows_learned
from autorecipe.data.tables import read_table
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.ensemble.members import Member, chosen_members
from autorecipe.errors import TrainingFailed, UserError
from autorecipe.idea import try_change, with_idea
from autorecipe.intake import Intake
from autorecipe.interpretation.record import Interpretation
from autorecipe.intervals import check_interval, with_interval
from autorecipe.metrics.choose import metric_named
from autorecipe.own_code import import_own_code
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.run import Export, Run
from autorecipe.record.trial import Fit, Trial
from autorecipe.row_words import row_noun, said_of
from autorecipe.store.directory import RunDirectory
from autorecipe.warm_up import import_keras

if TYPE_CHECKING:
    from autorecipe.loaded import ServedModel

N_REFITS = 3  # copies with seeds of their own: most of what averaging gives (RealMLP, arXiv 2407.04491, table B.4)
ALL_ROWS = "export-all"
UNTESTED = "untested: trained on {rows}, while the scores of the run are those of its tested model"


def served_model(directory: Path, run: Run) -> ServedModel:
    """Return the exported model of a run.

    Layers that the user's own architecture defines are imported where Keras does not know them.

    Raises
    ------
    UserError
        When there is no exported model, or such a layer cannot be imported.
    """
    from autorecipe.loaded import ServedModel

    model = ServedModel(directory, run)
    if run.config.architecture is None:
        return model
    try:
        _ = model.keras_model
    except (TypeError, ValueError) as error:  # what Keras raises for a layer that it does not know
        module = import_own_code(run.config.architecture)
        if module is None:
            raise UserError(
                f"the model holds a layer that is not known here: {str(error).splitlines()[0]}",
                where=str(directory / "export" / "model.keras"),
                fix="serve export/saved_model, which needs no code of yours, or import the module that defines it",
            ) from error
        from autorecipe.training.own_network import make_layers_known

        make_layers_known(vars(module))
    return model


def predict_file(run: Run, directory: Path, source: str, *, interval: float | None = None) -> pd.DataFrame:
    """Predict the rows of a file: id columns, `prediction` and `probability_<class>`, in the order of the rows.

    With a run of images: the images of a folder, an archive, a table of paths or a single file, by the column `file`.
    The attribute "unreadable" of what is returned holds those that could not be read.

    Parameters
    ----------
    interval : float in [0.5, 0.99], optional
        Of a regression: the columns `lower` and `upper` cover this share of the rows to come.
    """
    from autorecipe.loaded import prediction_table

    check_interval(run, interval)
    if run.schema.modality == "image":
        from autorecipe.image_predictions import predict_place

        return predict_place(served_model(directory, run), source, interval=interval)
    frame = read_table(source, has_header=run.config.has_header).frame
    predicted = served_model(directory, run).predict(frame)
    known = with_interval(run, predicted.labels, interval) if interval is not None else None
    return prediction_table(frame, predicted, run.schema, ends=None if known is None else known[:, [0, 2]])


def evaluate_file(run: Run, directory: Path, source: str) -> Evaluation:
    """Score the rows of a file, or the images of a folder, an archive or a table of paths, whose target is known.

    Its notes begin with how many of them the model learned from, and how good it is on the others.
    """
    from autorecipe.learned_rows import hold_beside, learned_image_notes, others_note
    from autorecipe.loaded import evaluate_rows

    if run.schema.modality == "image":
        from autorecipe.image_predictions import evaluate_place

        found = evaluate_place(served_model(directory, run), source)
        return dataclasses.replace(found, notes=(*learned_image_notes(run, directory, source), *found.notes))
    table = read_table(source, has_header=run.config.has_header)
    served = served_model(directory, run)
    found, beside = evaluate_rows(served, table.frame), hold_beside(run, directory, table)
    return dataclasses.replace(found, notes=(*beside.notes, *others_note(served, beside), *found.notes))


def export_again(run: Run, directory: Path, intake: Intake, to: Path) -> Export:
    """Write the run's model again, and prove anew that it predicts the same.

    Raises
    ------
    UserError
        When the directory holds other files, or the run has no model.
    """
    from autorecipe.export.parity import start_prover

    if to.exists() and any(to.iterdir()) and not (to / "signature.json").exists():
        raise UserError(f"'{to}' holds other files", where="--to", fix="name an empty or new directory")
    model = served_model(directory, run).keras_model
    from autorecipe.export.serving_images import image_spec_of
    from autorecipe.final import Spec, export_final, final_of

    is_image = run.schema.modality == "image"
    spec: Spec = image_spec_of(model) if is_image else model.get_layer("encode").spec
    rows = intake.split.test if len(intake.split.test) else intake.split.non_test
    n_members = run.export.n_members if run.export else 1
    with start_prover() as prover:
        final = final_of(model, run, intake, spec, rows, n_members=n_members)
        return export_final(final, intake, spec, directory=to, prover=prover)


def copy_export(directory: Path, to: Path) -> Path:
    """Copy a run's exported model, which was proved when it was written, to a new or empty directory.

    Raises
    ------
    UserError
        When the directory holds files, or the run has no exported model.
    """
    if to.exists() and any(to.iterdir()):
        raise UserError(f"'{to}' is not empty", where="export", fix="name an empty or new directory")
    if not (directory / "export").exists():
        raise UserError(f"the run in '{directory}' has no exported model", where="export", fix="finish the run first")
    shutil.copytree(directory / "export", to, dirs_exist_ok=True)
    return to


def refit_on_all(
    run: Run, intake: Intake, store: RunDirectory, *, clock: Clock, architecture: Build | None = None
) -> Export:
    """Train the run's recipe on all rows, without searching, and export it beside the tested model.

    Parameters
    ----------
    architecture : callable, optional
        What builds the networks of a custom family.
    """
    import_keras()
    from autorecipe.export.parity import start_prover
    from autorecipe.final import export_final, rebuild
    from autorecipe.training.members import build_member
    from autorecipe.training.prepare import prepare_dataset
    from autorecipe.training.trainer import NetworkTrainer

    copies = refits(chosen_members(run))
    whole = dataclasses.replace(intake, split=all_rows(len(intake.frame)))
    with start_prover() as prover:
        data, spec = prepare_dataset(whole, run, folder=store.arrays_path)
        data = dataclasses.replace(data, fingerprint=f"{data.fingerprint} all rows")
        metric = metric_named(run.deciding_metric, run.schema.task)
        trainer = NetworkTrainer(
            data, store, metric=metric, seed=run.config.seed, clock=clock, architecture=architecture
        )
        done = [(copy, as_tested(trainer.fit(copy.recipe, 0), copy.fit)) for copy in copies]
        failed = next((fit.cause for _, fit in done if fit.status == "failed"), "")
        if failed:
            raise TrainingFailed(
                f"the recipe could not be trained on all {row_noun(run.schema.modality)}s: {failed}", where="refit"
            )
        members = [build_member(trainer, c.recipe, fit, temperature=c.temperature) for c, fit in done]
        weights = [copy.share for copy in copies]
        final = rebuild(run, whole, spec, members, whole.split.non_test, weights=weights)
        rows = rows_learned(len(data.split.folds[0].train), len(intake.frame))
        label = said_of(run.schema.modality, UNTESTED.format(rows=rows))
        return export_final(final, whole, spec, directory=store.path / ALL_ROWS, prover=prover, label=label)


def refits(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Return what is to be trained on all rows in place of members: copies of each part, which share its weight.

    There are `N_REFITS` copies in all, or one of each part where these are more. The fit of each is a member's, as
    nothing was trained yet, with the mean smearing factor of all members of its part.
    """
    found: list[Member] = []
    parts = sorted({member.part for member in members})
    for part in parts:
        own = [member for member in members if member.part == part]
        recipe = without_validation(own[0].recipe, epochs=round(median(member.fit.best_epoch for member in own)))
        n = max(1, N_REFITS // len(parts))
        share = sum(member.share for member in own) / n
        fit = dataclasses.replace(own[0].fit, smearing=fmean(member.fit.smearing for member in own))
        copies = (dataclasses.replace(recipe, seed=recipe.seed + i) for i in range(n))
        found += [dataclasses.replace(own[0], recipe=copy, fit=fit, share=share) for copy in copies]
    return tuple(found)


def as_tested(refit: Fit, tested: Fit) -> Fit:
    """Return a fit on all rows with the smearing factor of tested ones: no row of its own is left to estimate it on."""
    return dataclasses.replace(refit, smearing=tested.smearing)


def try_on(
    run: Run, intake: Intake, store: RunDirectory, change: Change, *, clock: Clock, architecture: Build | None = None
) -> Run:
    """Train the best recipe with a change, judge it by the stages' rule, and enter it in the run and the journal.

    Nothing is written before it is judged, but the fits, which are remembered.
    """
    import_keras()
    from autorecipe.training.prepare import prepare_dataset
    from autorecipe.training.trainer import NetworkTrainer

    data, _ = prepare_dataset(intake, run, folder=store.arrays_path)
    metric = metric_named(run.deciding_metric, run.schema.task)
    trainer = NetworkTrainer(data, store, metric=metric, seed=run.config.seed, clock=clock, architecture=architecture)
    effects = Effects(
        trainer=trainer,
        searcher=_NoSearch(),
        clock=clock,
        store=store,
        n_folds=run.split.n_folds,
        max_tuner_trials=0,
    )
    idea = try_change(change, run, effects)
    run = with_idea(run, idea)
    store.save(run)
    store.event("idea", f"{change.title}: {idea.decision.rule}")
    return run


class _NoSearch:
    """An idea is one recipe: nothing is searched."""

    def search(self, space: tuple[Knob, ...], start: Recipe, *, max_trials: int, clock: Clock) -> tuple[Trial, ...]:
        return ()


def without_validation(recipe: Recipe, *, epochs: int) -> Recipe:
    """Return the recipe for rows that nothing is held out of: its schedule, up to the epoch that tested copies kept."""
    last = min(max(epochs, 1), recipe.epochs)
    return dataclasses.replace(recipe, stop_epoch=last, patience=0, reduce_on_plateau=False)


def all_rows(n_rows: int) -> Split:
    """Return the split that learns from every row; its validation rows are learned from too, and score nothing."""
    rows = np.arange(n_rows, dtype=np.int64)
    fold = Fold(train=rows, validation=rows[:: max(1, n_rows // 1000)])
    nothing = np.zeros(0, dtype=np.int64)
    return Split(
        scheme="holdout",
        folds=(fold,),
        bag=(fold,),
        fresh=(fold,),
        test=nothing,
        non_test=rows,
        groups=None,
        reason="all rows, none held out",
    )


def interpret_run(
    run: Run, intake: Intake, store: RunDirectory, *, clock: Clock, architecture: Build | None = None
) -> Interpretation:
    """Look into the networks of a finished run, and keep what was found; of images, pictures in the run's directory."""
    import_keras()
    from autorecipe.interpretation.interpret import interpret
    from autorecipe.training.prepare import prepare_dataset
    from autorecipe.training.trainer import NetworkTrainer

    data, spec = prepare_dataset(intake, run, folder=store.arrays_path)
    metric = metric_named(run.deciding_metric, run.schema.task)
    trainer = NetworkTrainer(data, store, metric=metric, seed=run.config.seed, clock=clock, architecture=architecture)
    known = interpret(run, intake, spec, trainer, clock, pictures=store.pictures_path)
    store.save(dataclasses.replace(run, interpretation=known))
    return known
