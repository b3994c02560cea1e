"""The final model: its predictions, its evaluation, its export and the proof that it serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.ensemble.members import chosen_members
from autorecipe.evaluate import decision_threshold, evaluate
from autorecipe.export.exact import exact_float32
from autorecipe.export.mutate import mutate_rows
from autorecipe.export.parity import Cases, Prover, prove_parity
from autorecipe.export.serving import (
    Compiled,
    build_serving_model,
    compile_serving,
    serve_rows,
    served_rows,
    serving_speed,
)
from autorecipe.export.serving_images import build_image_serving_model, serve_pixels, served_files
from autorecipe.export.shared_backbone import Member, on_shared_backbones
from autorecipe.export.write import export_model
from autorecipe.final_images import export_images, files_proved, mutated_files
from autorecipe.final_scores import rivals_of, scored_rows
from autorecipe.intake import Intake
from autorecipe.metrics.labelling import Labelling, labelling_of
from autorecipe.paired import KeptRows
from autorecipe.preprocessing.arrays import raw_tensors
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.preprocessing.spec import EncodeSpec
from autorecipe.record.evaluation import Evaluation, Intervals
from autorecipe.record.run import Export, Run
from autorecipe.training.ensembling import ensemble_out_of_fold
from autorecipe.training.members import build_member
from autorecipe.training.trainer import NetworkTrainer

N_MUTATED = 20  # rows with missing, unseen and extreme cells, or odd images: design, parity proof
N_PROVED_ROWS = 2000  # rows of the test that the proof serves; more prove no more
N_EXAMPLE_ROWS = 2  # in request.json

Spec = EncodeSpec | ImageSpec
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Final:
    """The final model, and what it says of rows that it has not learned from.

    Attributes
    ----------
    model : keras.Model
        Raw cells, or encoded files, in.
    rows : ndarray of int64
        The rows that the proof serves: test rows, or the first rows where none are locked away.
    inputs, outputs : dict of ndarray
        Their raw cells or files, and the outputs that the metrics were computed from.
    kept : KeptRows or None
        The rows of the evaluation, with what the model says of them.
    """

    model: keras.Model
    compiled: Compiled
    n_members: int
    evaluation: Evaluation | None
    rows: NDArray[np.int64]
    inputs: Arrays
    outputs: Arrays
    kept: KeptRows | None = None


def finish(run: Run, intake: Intake, spec: Spec, trainer: NetworkTrainer) -> Final:
    """Join the chosen networks into one model, and score it on the test rows."""
    members = chosen_members(run)
    held_out, predicted = ensemble_out_of_fold(members, trainer.data, trainer.memory)
    out_of_fold = scored_rows(intake, held_out, predicted)
    at = decision_threshold(run, out_of_fold)
    built = [
        Member(
            network=build_member(trainer, m.recipe, m.fit, temperature=m.temperature), recipe=m.recipe, share=m.share
        )
        for m in members
    ]
    networks, shares = on_shared_backbones(built)
    model = _joined(spec, intake, networks, shares, at=at or Labelling())
    compiled = compile_serving(model)
    test = intake.split.test
    rows = test if len(test) else intake.split.non_test[:N_PROVED_ROWS]
    if isinstance(spec, ImageSpec):  # scored on what the decoder has made already: the files would not fit in memory
        with exact_float32():
            outputs = serve_pixels(model, trainer.data.x["pixels"], rows)
        places, inputs = files_proved(compiled, intake, rows)
    else:
        inputs = raw_tensors(intake.frame.iloc[rows], spec)
        with exact_float32():
            outputs = serve_rows(model, inputs, compiled=compiled)
        places = np.arange(min(len(rows), N_PROVED_ROWS))
    said = outputs["probabilities" if "probabilities" in outputs else "prediction"].astype("float64")
    on_test = scored_rows(intake, test, said) if len(test) else None
    evaluation = evaluate(
        run,
        out_of_fold=out_of_fold,
        test=on_test,
        rivals=rivals_of(run, intake, trainer, held_out),
        at=at,
    )
    return Final(
        model=model,
        compiled=compiled,
        n_members=len(members),
        evaluation=evaluation,
        rows=rows[places],
        inputs=_first(inputs, len(places)),
        outputs={name: values[places] for name, values in outputs.items()},
        kept=KeptRows(rows=test if on_test else held_out, scored=on_test or out_of_fold),
    )


def rebuild(
    run: Run,
    intake: Intake,
    spec: Spec,
    members: list[keras.Model],
    rows: NDArray[np.int64],
    *,
    weights: Sequence[float] = (),
) -> Final:
    """Join networks that nothing was scored with into one model, with the run's evaluation and threshold.

    Parameters
    ----------
    rows : ndarray of int64
        The rows that the proof serves, or more.
    weights : sequence of float
        The members' shares in the mean; they sum to 1. By default all count the same.
    """
    if run.evaluation is None:
        raise ValueError("the run was not evaluated")
    shares = weights or (1.0 / len(members),) * len(members)
    model = _joined(spec, intake, members, shares, at=labelling_of(run.evaluation))
    return final_of(model, run, intake, spec, rows, n_members=len(members))


def final_of(
    model: keras.Model, run: Run, intake: Intake, spec: Spec, rows: NDArray[np.int64], n_members: int
) -> Final:
    """Let a model that was built before predict the rows that the proof will serve."""
    compiled = compile_serving(model)
    if isinstance(spec, ImageSpec):
        places, inputs = files_proved(compiled, intake, rows)
        rows = rows[places]
    else:
        rows = rows[:N_PROVED_ROWS]
        inputs = raw_tensors(intake.frame.iloc[rows], spec)
    with exact_float32():
        outputs = serve_rows(model, inputs, batch_rows=_rows_at_once(model, spec), compiled=compiled)
    return Final(
        model=model,
        compiled=compiled,
        n_members=n_members,
        evaluation=run.evaluation,
        rows=rows,
        inputs=inputs,
        outputs=outputs,
    )


def export_final(
    final: Final, intake: Intake, spec: Spec, *, directory: Path, prover: Prover, label: str = ""
) -> Export:
    """Write the model and prove in a fresh process that it predicts what was scored."""
    n_at_once = _rows_at_once(final.model, spec)
    odd = _mutated(final, intake, spec)
    with exact_float32():
        said = serve_rows(final.model, odd, batch_rows=n_at_once, compiled=final.compiled)
    # a model that nothing has tested promises nothing
    intervals = final.evaluation.intervals if final.evaluation and not label else None
    saved = _written(final, intake, spec, directory=directory, intervals=intervals)
    cases = Cases(
        inputs={name: np.concatenate([cells, odd[name]]) for name, cells in final.inputs.items()},
        outputs={name: np.concatenate([values, said[name]]) for name, values in final.outputs.items()},
        n_mutated=N_MUTATED,
        threshold=final.evaluation.threshold if final.evaluation else None,
        multipliers=labelling_of(final.evaluation).worth,
    )
    rows_per_s, one_row_ms = serving_speed(final.compiled, final.inputs, batch_rows=n_at_once)
    return Export(
        path=str(directory),
        rows_per_s=rows_per_s,
        one_row_ms=one_row_ms,
        n_members=final.n_members,
        n_parameters=sum(int(np.prod(v.shape)) for v in final.model.trainable_variables),
        size_bytes=sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()),
        parity=prove_parity(prover, cases, saved_model=saved),
        label=label,
        modality=intake.schema.modality,
    )


def _joined(
    spec: Spec, intake: Intake, members: Sequence[keras.Model], weights: Sequence[float], *, at: Labelling
) -> keras.Model:
    threshold, multipliers = at.value, at.worth
    if isinstance(spec, ImageSpec):
        return build_image_serving_model(
            spec=spec,
            schema=intake.schema,
            members=members,
            weights=weights,
            threshold=threshold,
            multipliers=multipliers,
        )
    return build_serving_model(
        spec=spec,
        schema=intake.schema,
        members=members,
        weights=weights,
        threshold=threshold,
        multipliers=multipliers,
    )


def _mutated(final: Final, intake: Intake, spec: Spec) -> Arrays:
    if isinstance(spec, ImageSpec):
        return mutated_files(final.inputs, n=N_MUTATED)
    return raw_tensors(mutate_rows(intake.frame.iloc[final.rows], intake.schema, seed=1, n=N_MUTATED), spec)


def _written(final: Final, intake: Intake, spec: Spec, *, directory: Path, intervals: Intervals | None) -> Path:
    if isinstance(spec, ImageSpec):
        return export_images(
            final.model,
            intake,
            spec,
            directory=directory,
            inputs=final.inputs,
            compiled=final.compiled,
            intervals=intervals,
        )
    return export_model(
        final.model,
        directory=directory,
        spec=spec,
        schema=intake.schema,
        example=_first(final.inputs, N_EXAMPLE_ROWS),
        compiled=final.compiled,
        intervals=intervals,
    )


def _rows_at_once(model: keras.Model, spec: Spec) -> int:
    return served_files(model) if isinstance(spec, ImageSpec) else served_rows(model)


def _first(arrays: Arrays, n: int) -> Arrays:
    return {name: values[:n] for name, values in arrays.items()}
