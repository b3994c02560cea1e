"""Curves of each fit for TensorBoard."""

from __future__ import annotations

import re
from pathlib import Path

import tensorflow as tf

from autorecipe.run import Fit

MAX_NAME = 80  # characters of a fit's title in the name of its folder


def write_curves(folder: Path, title: str, fit: Fit) -> Path:
    """Write a fit's losses and learning rate per epoch, in a subfolder of its own.

    A fit that was written before, and is only remembered now, is not written twice.

    Parameters
    ----------
    folder : Path
        Where TensorBoard is pointed: `tensorboard --logdir FOLDER`.
    title : str
        What the fit is called: "mlp 2x64, rate 1.0e-03".

    Returns
    -------
    Path
        The subfolder, named by the title, the fold and the fit's key.
    """
    own = folder / f"{_plain(title)}-fold{fit.fold}-{fit.key}"
    if own.exists() or not fit.history.train_loss:
        return own
    history = fit.history
    curves = {
        "loss/train": history.train_loss,
        "loss/validation": history.validation_loss,
        "learning_rate": history.learning_rate,
        "gradient_norm": history.gradient_norm,
    }
    writer = tf.summary.create_file_writer(str(own))
    with writer.as_default():
        for name, values in curves.items():
            for epoch, value in enumerate(values, start=1):
                tf.summary.scalar(name, value, step=epoch)
    writer.close()
    return own


def _plain(title: str) -> str:
    """Return a title as a name that every file system takes."""
    return re.sub(r"[^\w.+-]+", "_", title)[:MAX_NAME].strip("_.")
