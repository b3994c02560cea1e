"""How many seconds the baselines will take, and so which of them a run has whatever the clock says."""

from __future__ import annotations

from autorecipe.record.run import Run

BOOSTED_ROUNDS = 100  # of scikit-learn's gradient boosting, each a tree, or one for every class of several
BOOSTED_TREE_S, BOOSTED_ROW_S = 4e-3, 1e-6  # seconds of a tree and of each row in it (measured on one busy core)
BOOSTED_SHARE = 0.05  # of the time limit, for a rung that says little of images; choice
BOOSTED_FIRST_SHARE = 0.3  # of what is left, that gradient boosting may take before the network is trained; choice
# seconds of a linear fit, and of each cell in it for each class (measured on 2 idle cores: 0.6 s for 33,000 rows x 14
# columns, 0.2 s for six fits of 700 x 11)
LINEAR_FIT_S, LINEAR_CELL_S = 0.03, 6e-7
LINEAR_ROWS = 100_000  # it learns from no more
LINEAR_TEXT_COLUMNS, LINEAR_IMAGE_COLUMNS = 20, 192  # columns that a text counts for; of 8 x 8 colours
LINEAR_LIMIT_S = 2.0  # a linear model that takes no more is fitted even when no time is left; choice


def boosts_quickly(run: Run) -> bool:
    """Whether gradient boosting takes no more than a small share of the time; of a table it always belongs to it."""
    if run.schema.modality == "table":
        return True
    return boosting_s(run) <= BOOSTED_SHARE * run.config.time_limit_s


def boosts_first(run: Run, left_s: float) -> bool:
    """Whether gradient boosting leaves the network most of the time, and so need not wait for what that leaves."""
    return boosts_quickly(run) and boosting_s(run) <= BOOSTED_FIRST_SHARE * left_s


def boosting_s(run: Run) -> float:
    """Return the seconds that gradient boosting takes on all folds, as predicted."""
    n_trees = BOOSTED_ROUNDS * _n_outputs(run) * (run.split.n_folds + 1)
    return n_trees * (BOOSTED_TREE_S + BOOSTED_ROW_S * run.split.n_train)


def is_linear_cheap(run: Run) -> bool:
    """Whether a linear model takes so little that a run has one whatever the clock says."""
    return linear_s(run) <= LINEAR_LIMIT_S


def linear_s(run: Run) -> float:
    """Return the seconds that the linear model takes on all folds and for the test, as predicted."""
    counts = {"text": LINEAR_TEXT_COLUMNS, "image": LINEAR_IMAGE_COLUMNS}
    n_columns = sum(counts.get(column.kind, 1) for column in run.schema.features)
    n_cells = min(run.split.n_train, LINEAR_ROWS) * n_columns * _n_outputs(run)
    return (run.split.n_folds + bool(run.split.n_test)) * (LINEAR_FIT_S + LINEAR_CELL_S * n_cells)


def _n_outputs(run: Run) -> int:
    return len(run.schema.classes) if run.schema.task == "multiclass" else 1
