"""Words of text columns: the twin of the tokenizer in the graph, and the vocabulary fitted with it."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from autorecipe.data.cells import to_categories
from autorecipe.data.schema import Column

MAX_TOKENS = 1000  # house value: words by document frequency; a linear layer over more would follow noise
MIN_DOCUMENTS = 2  # a word of one row cannot be learned from
MAX_LENGTH = 128  # tokens of a row that are looked at; the rest is cut
LENGTH_QUANTILE = 0.95
MAX_ROWS = 50_000  # an evenly spaced sample of this many rows finds every word that matters
PADDING, UNKNOWN_WORD, FIRST_WORD = 0, 1, 2  # token codes

NO_WORD = r"[^\p{L}\p{N}]+"  # RE2: what stands between words
_NO_WORD = re.compile(r"[\W_]+")  # the same for Python


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVocabulary:
    """The words of a text column that have a code of their own.

    Attributes
    ----------
    words : tuple of str
        By document frequency, the most frequent first.
    idf : tuple of float
        Inverse document frequency ln((1 + n) / (1 + df)) + 1 of each token code; 0 for padding and the
        unknown word.
    length : int
        Tokens per row.
    """

    input_name: str
    words: tuple[str, ...]
    idf: tuple[float, ...]
    length: int

    @property
    def n_tokens(self) -> int:
        """Number of token codes, padding and the unknown word included."""
        return FIRST_WORD + len(self.words)


def split_words(text: str) -> list[str]:
    """Return the words of a text, in lower case; whatever is neither letter nor digit stands between words.

    >>> split_words("Won't ship: 2-day DELAY_")
    ['won', 't', 'ship', '2', 'day', 'delay']
    """
    return _NO_WORD.sub(" ", text.lower()).split()


def fit_words(cells: pd.Series, column: Column, input_name: str) -> TextVocabulary:
    """Learn the words of a text column from the training rows (at most 50,000 of them, evenly spaced)."""
    step = max(1, math.ceil(len(cells) / MAX_ROWS))
    rows = [split_words(text) for text in to_categories(cells.iloc[::step], column)]
    counts = Counter(word for words in rows for word in set(words))
    kept = sorted((-n, word) for word, n in counts.items() if n >= MIN_DOCUMENTS)[:MAX_TOKENS]
    lengths = [len(words) for words in rows]
    length = int(np.ceil(np.quantile(lengths, LENGTH_QUANTILE))) if lengths else 1
    idf = [math.log((1 + len(rows)) / (1 - minus_n)) + 1.0 for minus_n, _ in kept]
    return TextVocabulary(
        input_name=input_name,
        words=tuple(word for _, word in kept),
        idf=(0.0, 0.0, *idf),
        length=min(max(length, 1), MAX_LENGTH),
    )
