from __future__ import annotations

import dataclasses

import pytest

from autorecipe.after import N_REFITS, as_tested, refits, without_validation
from autorecipe.ensemble.earlier import with_larger_ensemble
from autorecipe.ensemble.members import chosen_members
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.testing import make_run

SMALL, LARGE = Recipe(width=8), Recipe(width=99)


def trial(name: str, recipe: Recipe, n_folds: int = 2) -> Trial:
    fits = tuple(Fit(key=f"{name}{i}", fold=i, best_epoch=10 + i) for i in range(n_folds))
    return Trial(name=name, recipe=recipe, fits=fits)


def part(name: str, recipe: Recipe, keys: tuple[str, ...], weight: float, **more) -> EnsemblePart:
    return EnsemblePart(name=name, recipe=recipe, keys=keys, weight=weight, score=0.8, **more)


def squeezed(*parts: EnsemblePart, score: float = 0.8, n_rows: int = 10) -> StageResult:
    ensemble = Ensemble(parts=parts, score=score, best_alone=0.8, gain=0.0, gain_error=0.0, n_rows=n_rows)
    members = tuple(key for p in parts for key in p.keys)
    trials = (trial("a", SMALL), trial("b", LARGE))
    return StageResult(stage="squeeze", question="?", end=SMALL, trials=trials, members=members, ensemble=ensemble)


TWO_PARTS = squeezed(part("a", SMALL, ("a0", "a1"), 0.6, temperature=1.5), part("b", LARGE, ("b1",), 0.4))


def test_networks_share_the_weight_of_their_part():
    members = chosen_members(make_run(stages=(TWO_PARTS,)))
    assert [m.fit.key for m in members] == ["a0", "a1", "b1"]
    assert [m.share for m in members] == pytest.approx([0.3, 0.3, 0.4])
    assert [m.temperature for m in members] == [1.5, 1.5, 1.0]
    assert [m.part for m in members] == [0, 0, 1]
    assert [m.recipe for m in members] == [SMALL, SMALL, LARGE]


def test_members_without_weights_count_the_same():
    old = dataclasses.replace(TWO_PARTS, ensemble=None)
    members = chosen_members(make_run(stages=(old,)))
    assert [m.share for m in members] == pytest.approx([1 / 3] * 3)
    assert {m.part for m in members} == {0}


def test_before_squeeze_the_best_trial_stands_alone():
    tune = StageResult(stage="tune", question="?", best=trial("a", SMALL))
    assert [m.fit.key for m in chosen_members(make_run(stages=(tune,)))] == ["a0", "a1"]


def test_without_a_network_there_are_no_members():
    with pytest.raises(ValueError, match="no trained network"):
        chosen_members(make_run())


def test_each_part_is_trained_on_all_rows_with_its_own_epochs():
    copies = refits(chosen_members(make_run(stages=(TWO_PARTS,))))
    assert [(c.recipe.width, c.recipe.stop_epoch, c.recipe.patience) for c in copies] == [(8, 10, 0), (99, 11, 0)]
    assert [c.share for c in copies] == pytest.approx([0.6, 0.4])
    assert copies[0].temperature == 1.5


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(family="realmlp", schedule="coslog4", epochs=64, patience=0),
        Recipe(family="tabm_mini", schedule="cosine", epochs=60, patience=12),
        Recipe(schedule="constant", epochs=60, warm_up_share=0.1, decay_schedule="flat_cosine"),
    ],
)
def test_a_refit_ends_in_the_schedule_of_the_tested_where_they_were_kept(recipe):
    again = without_validation(recipe, epochs=9)
    assert (again.epochs, again.stop_epoch, again.patience) == (recipe.epochs, 9, 0)
    assert dataclasses.replace(again, stop_epoch=0, patience=recipe.patience) == recipe


def test_a_refit_is_no_longer_than_its_schedule_and_at_least_one_epoch():
    assert without_validation(Recipe(epochs=5), epochs=9).stop_epoch == 5
    assert without_validation(Recipe(epochs=5), epochs=0).stop_epoch == 1


def test_refits_carry_the_smearing_factor_of_the_tested():
    found = trial("a", SMALL)
    fits = tuple(dataclasses.replace(f, smearing=s) for f, s in zip(found.fits, (1.1, 1.3), strict=True))
    tested = dataclasses.replace(TWO_PARTS, trials=(dataclasses.replace(found, fits=fits), trial("b", LARGE)))
    copies = refits(chosen_members(make_run(stages=(tested,))))
    assert [c.fit.smearing for c in copies] == pytest.approx([1.2, 1.0])
    assert as_tested(Fit(key="new", fold=0, smearing=1.001), copies[0].fit) == Fit(
        key="new", fold=0, smearing=copies[0].fit.smearing
    )


def test_one_recipe_alone_is_copied_with_seeds_of_its_own():
    alone = squeezed(part("a", SMALL, ("a0", "a1"), 1.0))
    copies = refits(chosen_members(make_run(stages=(alone,))))
    assert len({c.recipe.seed for c in copies}) == len(copies) == N_REFITS
    assert sum(c.share for c in copies) == pytest.approx(1)


def test_of_two_ensembles_on_the_same_rows_the_better_stays():
    few = squeezed(part("a", SMALL, ("a0",), 1.0), score=0.9)
    many = squeezed(part("a", SMALL, ("a0", "a1"), 1.0), score=0.8)
    assert with_larger_ensemble(make_run(stages=(few,)), many).stage("squeeze") == few
    assert with_larger_ensemble(make_run(stages=(many,)), few).stage("squeeze") == few


def test_scores_on_other_rows_are_not_compared():
    few = squeezed(part("a", SMALL, ("a0",), 1.0), score=0.9, n_rows=5)
    many = squeezed(part("a", SMALL, ("a0", "a1"), 1.0), score=0.8)
    assert with_larger_ensemble(make_run(stages=(few,)), many).stage("squeeze") == many
