"""The final model: its predictions, its evaluation, its export and the proof that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.evaluate import Rival, Scored, evaluate
from autorecipe.export.mutate import mutate_rows
from autorecipe.export.parity import Cases, Prover, prove_parity
from autorecipe.export.serving import build_serving_model, serve_rows
from autorecipe.export.write import export_model
from autorecipe.intake import Intake
from autorecipe.metrics.intervals import Rows
from autorecipe.preprocessing.arrays import raw_tensors
from autorecipe.preprocessing.spec import EncodeSpec
from autorecipe.run import Evaluation, Export, Parity, Run, Trial
from autorecipe.training.members import build_member, chosen_fits
from autorecipe.training.trainer import NetworkTrainer

N_MUTATED = 20  # rows with missing, unseen and extreme cells: design, parity proof
N_PROVED_ROWS = 2000  # rows of the test that the proof serves; more prove no more
N_EXAMPLE_ROWS = 2  # in request.json


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Final:
    """The networks of the final model and what they say of rows they have not learned from.

    Attributes
    ----------
    test : dict of ndarray, or None
        Outputs of the in-memory serving model on the raw test rows; None when no rows are locked away.
    """

    members: tuple[keras.Model, ...]
    evaluation: Evaluation
    model: keras.Model
    rows: NDArray[np.int64]
    outputs: dict[str, NDArray[np.generic]]


def finish(run: Run, intake: Intake, spec: EncodeSpec, trainer: NetworkTrainer) -> Final:
    """Join the chosen networks into one model, and score it on the test rows."""
    fits = chosen_fits(run)
    members = tuple(build_member(trainer, recipe, fit) for recipe, fit in fits)
    held_out, predicted = trainer.out_of_fold(tuple(fit for _, fit in fits))
    test = intake.split.test
    plain = _serving(spec, intake, members, threshold=None)
    rows = test if len(test) else intake.split.non_test[:N_PROVED_ROWS]
    outputs = serve_rows(plain, raw_tensors(intake.frame.iloc[rows], spec))
    evaluation = evaluate(
        intake.schema,
        run.config,
        metric=run.metric,
        out_of_fold=_scored(intake, held_out, predicted),
        test=_scored(intake, test, _prediction(outputs)) if len(test) else None,
        rivals=_rivals(run, trainer, held_out, is_tested=len(test) > 0),
    )
    model = _serving(spec, intake, members, threshold=evaluation.threshold)
    proved = rows[:N_PROVED_ROWS]
    return Final(
        members=members,
        evaluation=evaluation,
        model=model,
        rows=proved,
        outputs={name: values[: len(proved)] for name, values in outputs.items()},
    )


def export_final(
    final: Final, intake: Intake, spec: EncodeSpec, *, directory: Path, prover: Prover, label: str = ""
) -> Export:
    """Write the model and prove in a fresh process that it predicts what was scored."""
    rows = intake.frame.iloc[final.rows]
    mutated = mutate_rows(rows, intake.schema, seed=1, n=N_MUTATED)
    tensors, odd = raw_tensors(rows, spec), raw_tensors(mutated, spec)
    saved = export_model(
        final.model,
        directory=directory,
        spec=spec,
        schema=intake.schema,
        example={name: values[:N_EXAMPLE_ROWS] for name, values in tensors.items()},
    )
    said = serve_rows(final.model, odd)
    expected = dict(final.outputs)
    if "probabilities" in expected:
        # labels follow the threshold, which was chosen after these probabilities were predicted
        expected["label"] = _labels(intake, expected["probabilities"], final.evaluation.threshold)
    cases = Cases(
        inputs={name: np.concatenate([tensors[name], odd[name]]) for name in tensors},
        outputs={name: np.concatenate([expected[name], said[name]]) for name in said},
        n_mutated=len(mutated),
        threshold=final.evaluation.threshold,
    )
    parity: Parity = prove_parity(prover, cases, saved_model=saved)
    return Export(
        path=str(directory),
        n_members=len(final.members),
        n_parameters=sum(m.count_params() for m in final.members),
        size_bytes=sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()),
        parity=parity,
        label=label,
    )


def _serving(
    spec: EncodeSpec, intake: Intake, members: tuple[keras.Model, ...], *, threshold: float | None
) -> keras.Model:
    shares = (1.0 / len(members),) * len(members)
    return build_serving_model(
        spec=spec, schema=intake.schema, members=members, weights=shares, threshold=threshold
    )


def _prediction(outputs: dict[str, NDArray[np.generic]]) -> NDArray[np.float64]:
    return outputs["probabilities" if "probabilities" in outputs else "prediction"].astype("float64")


def _labels(
    intake: Intake, probabilities: NDArray[np.generic], threshold: float | None
) -> NDArray[np.generic]:
    from autorecipe.metrics.summary import labels_from

    codes = labels_from(probabilities, threshold)
    return np.array(intake.schema.classes, dtype=object)[codes]


def _scored(intake: Intake, rows: NDArray[np.int64], prediction: NDArray[np.float64]) -> Scored:
    groups = None if intake.split.groups is None else intake.split.groups[rows]
    return Scored(
        y=intake.y[rows], prediction=prediction, rows=Rows(weight=intake.weight[rows], groups=groups)
    )


def _rivals(
    run: Run, trainer: NetworkTrainer, held_out: NDArray[np.int64], *, is_tested: bool
) -> tuple[Rival, ...]:
    baseline = run.stage("baseline")
    trials = [t for t in (baseline.ladder if baseline else ()) if t.recipe is None]
    return tuple(
        Rival(
            name=t.name,
            validation=t.validation_score,
            prediction=_rival_prediction(t, trainer, held_out, is_tested=is_tested),
        )
        for t in trials
    )


def _rival_prediction(
    trial: Trial, trainer: NetworkTrainer, held_out: NDArray[np.int64], *, is_tested: bool
) -> NDArray[np.float64] | None:
    if is_tested:
        return trainer.memory.load_predictions(trial.fits[0].key)["test"].astype("float64")
    rows, predicted = trainer.out_of_fold(trial.fits)
    places = np.searchsorted(rows, held_out)
    known = np.isin(held_out, rows)
    return predicted[places] if known.all() else None
