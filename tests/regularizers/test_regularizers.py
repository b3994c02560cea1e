from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest

import autorecipe.regularizers
from autorecipe.recipe import Change, Recipe
from autorecipe.regularizers import REGULARIZERS
from autorecipe.regularizers.regularizer import LEVELS, Regularizer, Strength
from autorecipe.run import Finding, Profile, Run, SplitSummary
from autorecipe.testing import make_run

FIELDS = {field.name for field in dataclasses.fields(Recipe)}
each = pytest.mark.parametrize("regularizer", REGULARIZERS, ids=lambda r: r.name)
each_strength = pytest.mark.parametrize(
    "strength", [s for r in REGULARIZERS for s in r.strengths], ids=lambda s: s.title
)


def named(name: str) -> Regularizer:
    return next(r for r in REGULARIZERS if r.name == name)


def outliers_in_the_target(run: Run) -> Run:
    finding = Finding(code="D033", severity="info", title="target quality", message="outliers")
    return dataclasses.replace(run, profile=Profile(n_rows=1, columns=(), outcomes=(), findings=(finding,)))


def test_every_file_is_listed():
    modules = pkgutil.iter_modules(autorecipe.regularizers.__path__)
    files = {module.name for module in modules} - {"regularizer"}
    listed = {r.name: importlib.import_module(f"autorecipe.regularizers.{r.name}").REGULARIZER for r in REGULARIZERS}
    assert set(listed) == files
    assert tuple(listed.values()) == REGULARIZERS


@each
def test_every_record_says_where_it_comes_from(regularizer):
    assert len(regularizer.source) > 10
    assert regularizer.title
    assert regularizer.evidence == "" or "arXiv" in regularizer.evidence


@each
def test_strengths_go_from_mild_to_strong(regularizer):
    levels = [LEVELS.index(s.level) for s in regularizer.strengths]
    assert levels == sorted(levels)
    assert levels
    by_field = [dict(s.edits) for s in regularizer.strengths]
    fields = {field for edits in by_field for field in edits if isinstance(edits[field], float)}
    for field in fields:
        values = [edits[field] for edits in by_field]
        assert values == sorted(set(values))


@each_strength
def test_every_strength_edits_fields_that_recipes_have(strength: Strength):
    assert {field for field, _ in strength.edits} <= FIELDS
    edited = Change(edits=strength.edits, title=strength.title).apply(Recipe())
    assert edited != Recipe()
    assert all(getattr(edited, field) == value for field, value in strength.edits)
    assert all(type(value) is type(getattr(Recipe(), field)) for field, value in strength.edits)


def test_titles_are_unique():
    titles = [s.title for r in REGULARIZERS for s in r.strengths]
    assert len(titles) == len(set(titles))


@each
def test_only_light_strengths_lean_on_evidence(regularizer):
    if regularizer.evidence:
        assert regularizer.strengths[0].level == "light"


def test_label_smoothing_is_offered_only_where_labels_are_scored():
    smoothing = named("label_smoothing")
    run = make_run()
    assert not smoothing.suits(Recipe(), run)
    assert not smoothing.suits(Recipe(), make_run(task="multiclass"))
    assert smoothing.suits(Recipe(), dataclasses.replace(run, metric="accuracy"))
    assert not smoothing.suits(Recipe(), make_run(task="regression"))


def test_the_huber_loss_is_offered_when_the_target_has_outliers():
    huber = named("huber_loss")
    run = outliers_in_the_target(make_run(task="regression"))
    assert huber.suits(Recipe(loss="mse"), run)
    assert not huber.suits(Recipe(loss="mae"), run)
    assert not huber.suits(Recipe(loss="mse"), make_run(task="regression"))
    assert not huber.suits(Recipe(), outliers_in_the_target(make_run()))


def test_a_falling_rate_is_not_halved_on_plateaus_too():
    cosine = named("falling_rate")
    assert cosine.suits(Recipe(), make_run())
    recipe = Change(edits=cosine.strengths[0].edits, title="").apply(Recipe(reduce_on_plateau=True))
    assert not recipe.reduce_on_plateau
    assert not cosine.suits(recipe, make_run())
    assert not named("reduce_on_plateau").suits(recipe, make_run())


def test_a_smaller_net_is_offered_for_few_rows_and_wide_nets():
    smaller = named("smaller_net")
    many = SplitSummary(scheme="holdout", n_train=50_000, n_validation=9_000, n_test=0, n_folds=1, reason="")
    assert smaller.suits(Recipe(width=64), make_run(n_rows=500))
    assert not smaller.suits(Recipe(width=32), make_run(n_rows=500))
    assert not smaller.suits(Recipe(width=64), dataclasses.replace(make_run(), split=many))
