from __future__ import annotations

from evidence_builder import (
    CHANCE,
    FIT,
    N_EPOCHS,
    TRAIN,
    check,
    finding,
    with_curves,
    with_facts,
    with_fit,
    with_training,
)

from autorecipe.evidence import MeanLosses, Rival
from autorecipe.recipe import Recipe

FALLING = [0.5 - 0.02 * i for i in range(20)]


def edits(code, evidence, recipe=None):
    return [dict(change.edits) for change in check(code).repairs(recipe or Recipe(), evidence)]


def test_a_loss_that_still_fell_at_the_end_asks_for_twice_the_epochs():
    evidence = with_training(with_curves(FALLING, FALLING), epochs=20)
    found = finding("T024", evidence)
    assert (found.severity, found.action) == ("info", "none")
    assert edits("T024", evidence, Recipe(epochs=20)) == [{"epochs": 40}]


def test_a_best_epoch_at_the_end_of_a_plateau_was_late_enough():
    assert finding("T024", with_training(epochs=N_EPOCHS)) is None


def test_a_best_epoch_right_at_the_start_says_that_the_rest_was_wasted():
    rising = [0.4, *[0.5 + 0.001 * i for i in range(N_EPOCHS - 1)]]
    found = finding("T024", with_training(with_curves(TRAIN, rising), epochs=N_EPOCHS))
    assert "wasted" in found.message


def rival(name, train, validation):
    return (Rival(name=name, train_loss=train, validation_loss=validation),)


def test_a_network_behind_the_linear_model_underfits():
    evidence = with_training(rivals=rival("linear", 0.3, 0.35))
    found = finding("T025", evidence)
    assert (found.severity, found.action) == ("warn", "repair")
    assert edits("T025", evidence)[0] == {"linear_path": True}


def test_a_network_cut_early_needs_time_before_anything_else():
    found = finding(
        "T025", with_training(with_fit(is_cut=True), rivals=rival("linear", 0.3, 0.35), epochs=10 * N_EPOCHS + 1)
    )
    assert (found.severity, found.action) == ("info", "none")
    assert found.remedy == "more time: the clock ended its training early"


def test_behind_gradient_boosting_alone_it_is_information():
    found = finding("T025", with_training(rivals=rival("gradient_boosting", 0.2, 0.35)))
    assert (found.severity, found.action) == ("info", "none")


def test_a_rival_that_only_memorises_better_does_not_count():
    assert finding("T025", with_training(rivals=rival("gradient_boosting", 0.01, 0.43))) is None


def test_a_training_loss_at_the_floor_is_as_low_as_it_gets():
    assert finding("T025", with_training(rivals=rival("linear", 0.3, 0.35), floor=0.4)) is None


def test_values_at_the_edge_of_the_search_are_named():
    found = finding("T026", with_facts(edges=("width", "knobs.n_heads")))
    assert found.severity == "warn"
    assert "width, n heads" in found.message


def test_validation_that_is_easier_than_training_is_suspicious():
    assert finding("T027", with_fit(validation_loss=0.3)).severity == "warn"
    assert finding("T027", with_fit(validation_loss=FIT.train_loss - 0.02)) is None


def test_hardly_any_error_on_hundreds_of_rows_is_suspicious():
    evidence = with_fit(train_loss=1e-5, validation_loss=1e-5)
    assert finding("T027", evidence).severity == "warn"
    assert finding("T027", with_facts(evidence, n_validation=100)) is None


def test_a_solved_task_may_be_easier_on_unseen_rows():
    solved = with_fit(train_loss=9.6e-4, validation_loss=5.3e-5, validation_loss_error=1e-5)
    assert finding("T027", with_facts(solved, n_validation=58)) is None


def test_one_easy_fold_among_folds_that_are_not_is_not_suspicious():
    lucky = with_fit(validation_loss=0.3)
    mean = MeanLosses(train=FIT.train_loss, validation=FIT.train_loss + 0.01, error=0.01, chance=CHANCE)
    assert finding("T027", with_training(lucky, n_folds=5, mean=mean)) is None
    easy = MeanLosses(train=FIT.train_loss, validation=0.3, error=0.01, chance=CHANCE)
    assert finding("T027", with_training(n_folds=5, mean=easy)).severity == "warn"
