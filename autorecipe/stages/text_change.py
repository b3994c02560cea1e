"""What a network could read of its texts besides weighted terms."""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run

MIN_WORDS = 4.0  # mean words of a cell; of fewer, order and company say little beyond the words; choice
FAST_TEXT_ROWS = 100_000  # training rows of the smallest sets for which the mean of embeddings was published
FAST_TEXT = "bag of embedded words, arXiv 1607.01759 (text sets of 120k rows and more)"
MOST_GRU_ROWS = 20_000  # training rows; choice: a step with a GRU over 30 words takes 50 ms of a core, not 4 (measured)


def text_changes(recipe: Recipe, run: Run) -> tuple[Change, ...]:
    """Return the changes to what is read of texts, the cheapest first; none where no text column is the signal."""
    if recipe.text_encoding != "tf_idf" or "text_encoding" in family_named(recipe.family).ignores:
        return ()
    if recipe.family == "custom" or not has_wordy_texts(run):
        return ()
    embedded = Change(
        edits=(("text_encoding", "tf_idf_and_embedding"),),
        title="the mean of embedded words",
        reason="words of like meaning stand together (Joulin et al. 2017, arXiv 1607.01759)",
        source=FAST_TEXT if run.split.n_train >= FAST_TEXT_ROWS else "",
    )
    if run.split.n_train > MOST_GRU_ROWS:
        return (embedded,)
    ordered = Change(
        edits=(("text_encoding", "tf_idf_and_gru"),),
        title="a GRU over the words",
        reason="the order of words (Cho et al. 2014, arXiv 1406.1078)",
    )
    return (embedded, ordered)


def has_wordy_texts(run: Run) -> bool:
    """Whether a feature is a text of several words a cell."""
    if run.profile is None:
        return False
    dropped = {name.strip() for name in run.profile.dropped}
    texts = {c.name for c in run.schema.features if c.kind == "text" and c.name.strip() not in dropped}
    return any(c.name in texts and (c.n_words or 0.0) >= MIN_WORDS for c in run.profile.columns)
