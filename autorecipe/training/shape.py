"""What a member network is given and asked for, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.config import Task

ONE_HOT_UP_TO = 10  # codes, the unknown and the missing one included: RealMLP's 8 levels (arXiv 2407.04491)
EMBEDDING_DIM = 8  # dimensions of larger code columns: the same source
MAX_CANDIDATES = 20_000  # rows that a network answers from: arXiv 2407.03257's cost, n x dim for each row served


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The arrays that a member network takes, and its outputs.

    Attributes
    ----------
    n_numbers : int
        Numeric columns.
    with_missing : tuple of int
        Those of them that have missing cells in the training rows.
    code_sizes : tuple of int
        Number of codes of each code column, 0 (unknown) and 1 (missing) included.
    token_sizes, token_lengths : tuple of int
        Vocabulary size and tokens per row of each text column.
    n_outputs : int
        1 for regression and for two classes, else the number of classes.
    n_most_train_rows : int
        Training rows of the largest fold, at most 20,000: what a network that answers from them has room for. 0 where
        there is no such network.
    image : tuple of int
        (height, width, channels) of the array "pixels", uint8; empty for tables.
    n_features : int
        Numbers of the array "features": what a frozen backbone makes of an image; 0 where networks take the pixels.
    """

    n_numbers: int
    with_missing: tuple[int, ...]
    code_sizes: tuple[int, ...]
    token_sizes: tuple[int, ...]
    token_lengths: tuple[int, ...]
    task: Task
    n_outputs: int
    n_most_train_rows: int = 0
    image: tuple[int, ...] = ()
    n_features: int = 0

    @property
    def one_hot_columns(self) -> tuple[int, ...]:
        """Code columns small enough for one-hot codes."""
        return tuple(i for i, s in enumerate(self.code_sizes) if s <= ONE_HOT_UP_TO)

    @property
    def embedded_columns(self) -> tuple[int, ...]:
        """Code columns that get embeddings."""
        return tuple(i for i, s in enumerate(self.code_sizes) if s > ONE_HOT_UP_TO)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the arrays: "pixels" or "features", or "numbers", "codes" and "tokens_<i>", as far as they are."""
        if self.n_features:
            return ("features",)
        if self.image:
            return ("pixels",)
        numbers = ("numbers",) if self.n_numbers else ()
        codes = ("codes",) if self.code_sizes else ()
        return (*numbers, *codes, *(f"tokens_{i}" for i in range(len(self.token_sizes))))
