"""One record per regularizer, in the order in which they are tried within a level (recipe rule D0)."""

from __future__ import annotations

from autorecipe.regularizers import (
    dropout,
    falling_rate,
    huber_loss,
    l2,
    label_smoothing,
    reduce_on_plateau,
    smaller_net,
    weight_decay,
)
from autorecipe.regularizers.regularizer import Regularizer

REGULARIZERS: tuple[Regularizer, ...] = (
    dropout.REGULARIZER,
    falling_rate.REGULARIZER,
    weight_decay.REGULARIZER,
    reduce_on_plateau.REGULARIZER,
    l2.REGULARIZER,
    label_smoothing.REGULARIZER,
    huber_loss.REGULARIZER,
    smaller_net.REGULARIZER,
)
