"""What a network for images could grow by: channels, blocks, stages; blocks of a backbone that train too."""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.stages.pretrained_rung import fine_tuning

LEAST_SIDE = 4  # pixels that a further stage must leave of the shorter side, for a kernel of 3 to see more than an edge


def image_growth(recipe: Recipe, image: tuple[int, ...], *, is_patient: bool) -> tuple[Change, ...]:
    """Return the changes of size to try in order: what costs least for what it adds comes first.

    Parameters
    ----------
    image : tuple of int
        (height, width, channels).
    is_patient : bool
        Whether to offer four times the channels too, whose work is sixteen times as much.
    """
    family = family_named(recipe.family)
    if recipe.family == "pretrained":
        return fine_tuning(recipe)
    width, blocks, depth = recipe.width, recipe.n_blocks, recipe.depth
    changes = []
    if 2 * width <= family.max_width:
        changes.append(_sized("width", width, 2 * width, said="channels"))
    changes.append(_sized("n_blocks", blocks, blocks + 1, said="blocks a stage"))
    if depth < family.max_depth and min(image[:2]) >= LEAST_SIDE * 2**depth:
        changes.append(_sized("depth", depth, depth + 1, said="stages"))
    if is_patient and 4 * width <= family.max_width:
        changes.append(_sized("width", width, 4 * width, said="channels"))
    return tuple(change for change in changes if not any(field in family.ignores for field, _ in change.edits))


def _sized(field: str, before: int, after: int, *, said: str) -> Change:
    return Change(edits=((field, after),), title=f"{said} {before} -> {after}")
