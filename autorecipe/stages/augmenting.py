"""Before augmentation is tried: does a trained network still know the images that it has changed?"""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.augmentations import LABEL_KEEPING, LEAST_SCORE, can_tell, is_rejected
from autorecipe.effects import Effects
from autorecipe.readings import AugmentationReading, AugmentedScore, NotMeasured
from autorecipe.recipe import Recipe, Value
from autorecipe.regularizers import regularizers_for
from autorecipe.regularizers.regularizer import Regularizer, Strength, sees_images
from autorecipe.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Augmentation that is not tried.

    Attributes
    ----------
    titles : frozenset of str
        Of the regularizers' strengths.
    notes : tuple of str
        What was rejected and by what numbers, or why nothing could be probed.
    """

    titles: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def bar_augmentations(recipe: Recipe, run: Run, effects: Effects) -> Barred:
    """Probe the augmentation that the run's preset offers on the network that a recipe was trained to.

    A change after which the network's accuracy (or R²) is lower by more than a fifth is barred, and with it all
    stronger ones of the same kind. Nothing is barred by a network that knows too little itself.

    Parameters
    ----------
    recipe : Recipe
        Trained on the first fold, without augmentation.
    """
    offered = [r for r in regularizers_for(run.schema.modality) if _is_probed(r) and run.config.preset in r.presets]
    if not (offered and sees_images(recipe, run)) or effects.clock.interrupted():
        return Barred()
    reading = effects.trainer.probe("augmentation", recipe)
    if isinstance(reading, NotMeasured):
        return Barred(notes=(f"augmentation was not probed: {reading.cause}",))
    if not isinstance(reading, AugmentationReading):
        raise TypeError(f"Expected an AugmentationReading. Received: {type(reading).__name__}")
    if not can_tell(reading):
        known = f"{_score_name(run)} {reading.plain_score:.2f}, and a probe needs {LEAST_SCORE}"
        return Barred(notes=(f"augmentation was not probed: the network knows too little ({known})",))
    barred, told = frozenset[str](), []
    for regularizer in offered:
        spoilt = _spoilt(regularizer, reading)
        barred |= {strength.title for strength, _ in spoilt}
        told += [f"{strength.title} ({scored.score:.2f})" for strength, scored in spoilt[:1] if scored]
    return Barred(titles=barred, notes=_notes(told, reading, run))


def _is_probed(regularizer: Regularizer) -> bool:
    return any(field in LABEL_KEEPING for strength in regularizer.strengths for field, _ in strength.edits)


def _spoilt(regularizer: Regularizer, reading: AugmentationReading) -> list[tuple[Strength, AugmentedScore | None]]:
    """Return the strengths from the first one on that is rejected, that one with its score."""
    scores: dict[tuple[str, Value], AugmentedScore] = {(own.field, own.strength): own for own in reading.augmented}
    for i, strength in enumerate(regularizer.strengths):
        found = [scores[edit] for edit in strength.edits if edit in scores]
        if rejected := [own for own in found if is_rejected(own, reading)]:
            later: list[tuple[Strength, AugmentedScore | None]] = [(s, None) for s in regularizer.strengths[i + 1 :]]
            return [(strength, min(rejected, key=lambda own: own.score)), *later]
    return []


def _notes(told: list[str], reading: AugmentationReading, run: Run) -> tuple[str, ...]:
    if not told:
        return ()
    known = f"{_score_name(run)} {reading.plain_score:.2f} on {reading.n_rows} images as they are"
    return (f"not tried, as labels may not survive it: {', '.join(told)}; the network has {known}",)


def _score_name(run: Run) -> str:
    return "R²" if run.schema.task == "regression" else "accuracy"
