"""Look into a finished run's networks, on rows that they have not learned from."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.schema import Column
from autorecipe.effects import Clock
from autorecipe.ensemble.members import chosen_members
from autorecipe.intake import Intake
from autorecipe.interpretation.dependence import dependences
from autorecipe.interpretation.images import interpret_images
from autorecipe.interpretation.importance import Places, importances
from autorecipe.interpretation.networks import Arrays, HeldOutNetworks
from autorecipe.interpretation.record import Dependence, Importance, Interpretation, LargeError
from autorecipe.interpretation.slices import weak_slices
from autorecipe.metrics.labelling import labelling_of, labels_at
from autorecipe.preprocessing.arrays import encode_frame
from autorecipe.preprocessing.encode import Encode
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.preprocessing.spec import EncodeSpec, Layout, to_json
from autorecipe.record.run import Run
from autorecipe.training.scores import Predicted, row_losses
from autorecipe.training.trainer import NetworkTrainer

MOST_ROWS = 2_000  # looked at; the error of a mean loss is then 2 % of the losses' spread
SHUFFLED_ROWS = 200_000  # rows x columns that are predicted for each round of shuffles, at most
LEAST_ROWS = 300
MOST_CURVES = 5  # columns whose partial dependence is drawn
MOST_ERRORS = 10

Floats = NDArray[np.float64]


def interpret(
    run: Run, intake: Intake, spec: EncodeSpec | ImageSpec, trainer: NetworkTrainer, clock: Clock, *, pictures: Path
) -> Interpretation:
    """Look into the final model: of a table the worth of its columns, of images pictures of what it looks at.

    Parameters
    ----------
    clock : Clock
        When nothing is left of it, what is known by then is returned.
    pictures : Path
        Folder of the pictures of a run of images.
    """
    if isinstance(spec, ImageSpec):
        return interpret_images(run, intake, trainer, clock, pictures=pictures)
    return interpret_columns(run, intake, spec, trainer, clock)


def interpret_columns(
    run: Run, intake: Intake, spec: EncodeSpec, trainer: NetworkTrainer, clock: Clock
) -> Interpretation:
    """Measure what the columns are worth to the final model, how it uses the best of them, and where it is wrong.

    Parameters
    ----------
    clock : Clock
        When nothing is left of it, what is known by then is returned.
    """
    began = time.monotonic()
    places = places_of(trainer.data.layout)
    most_rows = int(np.clip(SHUFFLED_ROWS // max(len(places), 1), LEAST_ROWS, MOST_ROWS))
    networks = HeldOutNetworks(chosen_members(run), trainer, most_rows=most_rows)
    look = _Look(run, intake, spec, trainer, networks)
    losses = look.row_loss(look.x, np.arange(len(networks.rows)))
    found = importances(look.x, places, look.row_loss, seed=run.config.seed, has_time=lambda: clock.left_s() > 0)
    return Interpretation(
        n_rows=len(networks.rows),
        n_networks=networks.n_networks,
        unit="squared error" if run.schema.task == "regression" else "log loss",
        loss=float(losses.mean()),
        importances=found,
        dependences=look.dependences(found, clock),
        slices=weak_slices(look.frame, losses, look.columns.values()),
        errors=look.largest_errors(losses),
        seconds=time.monotonic() - began,
    )


def places_of(layout: Layout) -> dict[str, Places]:
    """Return where each raw column's encoded columns are."""
    found: dict[str, list[tuple[str, int]]] = {}
    for i, column in enumerate(layout.number_sources):
        found.setdefault(column, []).append(("numbers", i))
    for i, column in enumerate(layout.code_sources):
        found.setdefault(column, []).append(("codes", i))
    for i, column in enumerate(layout.token_names):
        found.setdefault(column, []).append((f"tokens_{i}", -1))
    return {column: tuple(places) for column, places in found.items()}


class _Look:
    """The rows looked at: raw, encoded, with their truth."""

    def __init__(
        self, run: Run, intake: Intake, spec: EncodeSpec, trainer: NetworkTrainer, networks: HeldOutNetworks
    ) -> None:
        self.run, self.networks, self.data = run, networks, trainer.data
        self.rows = networks.rows
        self.frame: pd.DataFrame = intake.frame.iloc[self.rows]
        self.row_numbers = intake.row_numbers[self.rows]
        self.x: Arrays = {name: self.data.x[name][self.rows] for name in trainer.shape.input_names}
        self.y = self.data.y[self.rows]
        self._scale = trainer.target_scale(0)
        self._encode, self._names = Encode(to_json(spec)), trainer.shape.input_names
        used = {i.column for i in spec.inputs}
        self.columns: Mapping[str, Column] = {c.name: c for c in run.schema.features if c.name in used}

    def row_loss(self, x: Arrays, which: NDArray[np.int64]) -> Floats:
        """Return the loss of encoded rows, `which` of the rows looked at each is."""
        said = self.networks.predict(x, which)
        rows = Predicted(y=self.y[which], weight=np.ones(len(which), "float32"), said=said)
        return row_losses(rows, self._scale)

    def dependences(self, found: tuple[Importance, ...], clock: Clock) -> tuple[Dependence, ...]:
        """Return the curves of the most important columns whose rise is beyond two of its errors."""
        certain = [self.columns[i.column] for i in found if i.is_certain and i.column in self.columns]
        if clock.left_s() <= 0:
            return ()
        columns = [column for column in certain if column.kind != "text"][:MOST_CURVES]
        classes, place = self.run.schema.classes, self._shown_class()

        def predict(frame: pd.DataFrame) -> Floats:
            x = encode_frame(self._encode, frame)
            said = self.networks.mean_prediction({name: x[name] for name in self._names})
            return said if said.ndim == 1 else said[:, place]

        return dependences(columns, self.frame, predict, of=classes[place] if classes else "")

    def largest_errors(self, losses: Floats) -> tuple[LargeError, ...]:
        """Return the rows with the largest losses."""
        said = self.networks.predict(self.x, np.arange(len(self.rows)))
        worst = np.argsort(-losses, kind="stable")[:MOST_ERRORS]
        return tuple(
            LargeError(
                row=int(self.row_numbers[i]),
                truth=self._written(self.y[i]),
                predicted=self._said(said[i]),
                loss=float(losses[i]),
            )
            for i in worst
        )

    def _shown_class(self) -> int:
        """The positive one of two classes, the commonest of several."""
        if self.run.schema.task == "multiclass":
            return int(np.bincount(self.y.astype("int64")).argmax())
        return 1

    def _written(self, truth: Any) -> str:
        classes = self.run.schema.classes
        return classes[int(truth)] if classes else f"{float(truth):,.6g}"

    def _said(self, said: Any) -> str:
        classes = self.run.schema.classes
        if not classes:
            return f"{float(said):,.6g}"
        place = int(labels_at(said[None], labelling_of(self.run.evaluation))[0])
        return f"{classes[place]} ({100 * said[place]:.0f} %)"
