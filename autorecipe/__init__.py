"""From a table or images to a trained, explained and exported Keras model, stage by stage."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autorecipe.errors import StopFindings, UserError
    from autorecipe.estimator import AutoRecipe, AutoRecipeClassifier, AutoRecipeRegressor, load
    from autorecipe.model_check import check
    from autorecipe.recipe import Recipe
    from autorecipe.training.any_model import train
    from autorecipe.training.plan import TrainingPlan

    __version__: str

__all__ = [
    "AutoRecipe",
    "AutoRecipeClassifier",
    "AutoRecipeRegressor",
    "Recipe",
    "StopFindings",
    "TrainingPlan",
    "UserError",
    "__version__",
    "check",
    "load",
    "train",
]

# imported on first use, so that `import autorecipe` costs nothing
_HOMES = {
    "AutoRecipe": "autorecipe.estimator",
    "AutoRecipeClassifier": "autorecipe.estimator",
    "AutoRecipeRegressor": "autorecipe.estimator",
    "load": "autorecipe.estimator",
    "check": "autorecipe.model_check",
    "Recipe": "autorecipe.recipe",
    "StopFindings": "autorecipe.errors",
    "TrainingPlan": "autorecipe.training.plan",
    "UserError": "autorecipe.errors",
    "train": "autorecipe.training.any_model",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("autorecipe")
    if name not in _HOMES:
        raise AttributeError(f"module 'autorecipe' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
