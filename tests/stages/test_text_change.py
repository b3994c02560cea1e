"""When a network is offered more of its texts than their weighted words."""

from __future__ import annotations

import dataclasses

from autorecipe.data.schema import Column
from autorecipe.recipe import Recipe
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.record.run import Run
from autorecipe.stages.text_change import FAST_TEXT_ROWS, MOST_GRU_ROWS, text_changes
from autorecipe.testing import make_run


def run_with(n_words: float | None, *, n_train: int = 1_000, dropped: tuple[str, ...] = ()) -> Run:
    run = make_run()
    note = Column(name="note", kind="text", wire="string")
    profile = Profile(
        n_rows=n_train,
        outcomes=(),
        findings=(),
        columns=(ColumnProfile(name="note", kind="text", missing_share=0.0, n_distinct=900, n_words=n_words),),
        dropped=dropped,
    )
    return dataclasses.replace(
        run,
        profile=profile,
        schema=dataclasses.replace(run.schema, columns=(*run.schema.columns, note)),
        split=dataclasses.replace(run.split, n_train=n_train),
    )


def encodings(run: Run, recipe: Recipe | None = None) -> list[str]:
    recipe = recipe or Recipe()
    return [change.apply(recipe).text_encoding for change in text_changes(recipe, run)]


def test_texts_of_several_words_offer_embeddings_and_on_small_data_a_gru():
    assert encodings(run_with(15.0)) == ["tf_idf_and_embedding", "tf_idf_and_gru"]
    assert encodings(run_with(15.0, n_train=MOST_GRU_ROWS + 1)) == ["tf_idf_and_embedding"]


def test_tables_without_a_wordy_text_offer_nothing():
    assert encodings(make_run()) == []
    assert encodings(run_with(2.0)) == []
    assert encodings(run_with(15.0, dropped=("note",))) == []


def test_a_recipe_that_reads_more_of_its_texts_is_offered_nothing_further():
    assert encodings(run_with(15.0), Recipe(text_encoding="tf_idf_and_gru")) == []
    assert encodings(run_with(15.0), Recipe(family="custom")) == []


def test_published_evidence_is_claimed_for_as_many_rows_as_it_had():
    assert not any(change.source for change in text_changes(Recipe(), run_with(15.0)))
    assert text_changes(Recipe(), run_with(15.0, n_train=FAST_TEXT_ROWS))[0].source
