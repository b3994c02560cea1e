"""A small run and fake effects, for tests of whatever decides: no Keras, no disk, no waiting.

>>> effects = fake_effects(lambda recipe, fold: 0.7 + 0.1 * recipe.dropout)
>>> effects.trainer.fit(Recipe(dropout=0.5), 0).validation_score
0.75
"""

from __future__ import annotations

from autorecipe.recipe import Recipe
from autorecipe.testing.fake_trainer import FakeTrainer, losses_from, never_fails
from autorecipe.testing.fake_world import FakeClock, MemoryStore
from autorecipe.testing.fakes import FakeSearcher, fake_effects
from autorecipe.testing.runs import make_run, make_schema, with_images

__all__ = [
    "FakeClock",
    "FakeSearcher",
    "FakeTrainer",
    "MemoryStore",
    "Recipe",
    "fake_effects",
    "losses_from",
    "make_run",
    "make_schema",
    "never_fails",
    "with_images",
]
