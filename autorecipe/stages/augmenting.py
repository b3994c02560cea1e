"""Before augmentation is tried: does a trained network still know the images that it has changed?"""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.augmentations import LABEL_KEEPING, LEAST_SCORE, can_tell, is_rejected
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe, Value
from autorecipe.record.readings import AugmentationReading, AugmentedScore, NotMeasured
from autorecipe.record.run import Run
from autorecipe.regularizers import regularizers_for
from autorecipe.regularizers.regularizer import Level, Regularizer, sees_images


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A strength of a regularizer that a probe rejected, and the score that the network was left with."""

    name: str
    title: str
    level: Level
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Augmentation that is not tried.

    Attributes
    ----------
    recipe : Recipe or None
        Whose network was probed.
    rejected : tuple of Rejected
    known : str
        How well the network knows images as they are; "" where none was probed.
    failure : str
        Why nothing could be probed, for the notes.
    """

    recipe: Recipe | None = None
    rejected: tuple[Rejected, ...] = ()
    known: str = ""
    failure: str = ""

    @property
    def titles(self) -> frozenset[str]:
        """Of the strengths."""
        return frozenset(own.title for own in self.rejected)

    def names(self, level: Level) -> frozenset[str]:
        """Return the regularizers that are barred from a level on: what is stronger comes after the milder alone."""
        return frozenset(own.name for own in self.rejected if own.level == level)

    def notes(self, level: Level, *, given_up: frozenset[str]) -> tuple[str, ...]:
        """Say what of a level is not tried and by what numbers, but for regularizers that were given up already."""
        told = [own for own in self.rejected if own.level == level and own.name not in given_up]
        if not told:
            return (self.failure,) if self.failure else ()
        titles = ", ".join(f"{own.title} ({own.score:.2f})" for own in told)
        return (f"not tried, as labels may not survive it: {titles}; the network has {self.known}",)


def bar_augmentations(recipe: Recipe, run: Run, effects: Effects) -> Barred:
    """Probe the augmentation that the run's preset offers on the network that a recipe was trained to.

    A change after which the network's accuracy (or R²) is lower by more than a fifth is barred. Nothing is barred by a
    network that knows too little itself. One that has learned from milder changes may bear stronger ones: each level
    asks anew.

    Parameters
    ----------
    recipe : Recipe
        Trained on the first fold.
    """
    offered = [r for r in regularizers_for(run.schema.modality) if _is_probed(r) and run.config.preset in r.presets]
    if not (offered and sees_images(recipe, run)) or effects.clock.interrupted():
        return Barred(recipe=recipe)
    reading = effects.trainer.probe("augmentation", recipe)
    if isinstance(reading, NotMeasured):
        return Barred(recipe=recipe, failure=f"augmentation was not probed: {reading.cause}")
    if not isinstance(reading, AugmentationReading):
        raise TypeError(f"Expected an AugmentationReading. Received: {type(reading).__name__}")
    score = f"{'R²' if run.schema.task == 'regression' else 'accuracy'} {reading.plain_score:.2f}"
    if not can_tell(reading):
        why = f"the network knows too little ({score}, and a probe needs {LEAST_SCORE})"
        return Barred(recipe=recipe, failure=f"augmentation was not probed: {why}")
    rejected = tuple(found for regularizer in offered for found in _rejected(regularizer, reading))
    return Barred(recipe=recipe, rejected=rejected, known=f"{score} on {reading.n_rows} images as they are")


def _is_probed(regularizer: Regularizer) -> bool:
    return any(field in LABEL_KEEPING for strength in regularizer.strengths for field, _ in strength.edits)


def _rejected(regularizer: Regularizer, reading: AugmentationReading) -> list[Rejected]:
    scores: dict[tuple[str, Value], AugmentedScore] = {(own.field, own.strength): own for own in reading.augmented}
    found = []
    for strength in regularizer.strengths:
        lost = [scores[edit].score for edit in strength.edits if edit in scores and is_rejected(scores[edit], reading)]
        if lost:
            found.append(Rejected(name=regularizer.name, title=strength.title, level=strength.level, score=min(lost)))
    return found
