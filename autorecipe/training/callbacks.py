"""Keras callbacks: which of them must hear of every batch."""

from __future__ import annotations

from collections.abc import Sequence

import keras

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)


def hears_batches(callback: keras.callbacks.Callback) -> bool:
    """Return whether a callback overrides a hook that `Model.fit` calls at each batch.

    TensorBoard and ModelCheckpoint override such hooks, and do nothing there when they work by epochs.
    """
    if type(callback) is keras.callbacks.ModelCheckpoint:
        return bool(callback.save_freq != "epoch")
    if type(callback) is keras.callbacks.TensorBoard:
        return bool(callback.update_freq != "epoch" or callback.write_steps_per_second or _profiles(callback))
    return any(_overrides(callback, name) for name in BATCH_HOOKS)


def first_batch_listener(callbacks: Sequence[keras.callbacks.Callback]) -> str:
    """Return the class of the first callback that hears of every batch, or "" when none does."""
    return next((type(callback).__name__ for callback in callbacks if hears_batches(callback)), "")


def _overrides(callback: keras.callbacks.Callback, name: str) -> bool:
    own = vars(callback).get(name)  # a LambdaCallback's hooks are attributes of the object
    if own is not None:
        return True
    return getattr(type(callback), name, None) is not getattr(keras.callbacks.Callback, name)


def _profiles(callback: keras.callbacks.TensorBoard) -> bool:
    return bool(getattr(callback, "_should_trace", True))  # kept in private: without it, hearing all is the safe side
