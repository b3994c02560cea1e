"""One record per regularizer, in the order in which they are tried within a level (recipe rule D0)."""

from __future__ import annotations

from autorecipe.regularizers import (
    activation_noise,
    drop_connect,
    dropout,
    elastic_net,
    ema,
    falling_rate,
    huber_loss,
    input_l1,
    input_noise,
    l1,
    l2,
    label_smoothing,
    max_norm,
    mixup,
    reduce_on_plateau,
    sam,
    smaller_batch,
    smaller_net,
    stochastic_depth,
    weight_decay,
)
from autorecipe.regularizers.regularizer import Regularizer

REGULARIZERS: tuple[Regularizer, ...] = (
    dropout.REGULARIZER,
    falling_rate.REGULARIZER,
    weight_decay.REGULARIZER,
    input_l1.REGULARIZER,
    reduce_on_plateau.REGULARIZER,
    l2.REGULARIZER,
    label_smoothing.REGULARIZER,
    huber_loss.REGULARIZER,
    smaller_net.REGULARIZER,
    ema.REGULARIZER,
    smaller_batch.REGULARIZER,
    mixup.REGULARIZER,
    input_noise.REGULARIZER,
    max_norm.REGULARIZER,
    l1.REGULARIZER,
    elastic_net.REGULARIZER,
    stochastic_depth.REGULARIZER,
    activation_noise.REGULARIZER,
    drop_connect.REGULARIZER,
    sam.REGULARIZER,
)
