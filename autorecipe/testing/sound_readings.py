"""What the probes measure of a healthy network: every training check passes on these."""

from __future__ import annotations

import math

from autorecipe.record.network_readings import (
    HeadReading,
    InputColumn,
    InputsReading,
    Internals,
    LayerFact,
    LayerReading,
    LayoutReading,
    StartReading,
)
from autorecipe.record.readings import (
    AugmentationReading,
    ControlsReading,
    CrossTalkReading,
    DuplicationReading,
    EvaluationReading,
    ParityReading,
    Preflight,
    RateReading,
    TinyBatchReading,
)

LN_2 = math.log(2)

SOUND_INTERNALS = Internals(
    epoch=0,
    layers=(
        LayerReading(
            name="hidden_1",
            kind="Dense",
            activation="relu",
            n_units=64,
            is_first=True,
            kernel_std=0.25,
            expected_kernel_std=0.25,
            output_mean=0.4,
            output_std=0.6,
            gradient_norm=0.1,
            gradient_mean=1e-3,
            kernel_norm=16.0,
            update_ratio=3e-3,
        ),
        LayerReading(
            name="head",
            kind="Dense",
            activation="linear",
            n_units=1,
            is_last=True,
            kernel_std=0.01,
            expected_kernel_std=0.01,
            output_std=0.05,
            gradient_norm=0.2,
            gradient_mean=1e-2,
            kernel_norm=0.08,
            update_ratio=0.05,
        ),
    ),
    gradient_norm=0.3,
)

SOUND_READINGS = Preflight(
    inputs=InputsReading(
        n_rows=400,
        columns=(InputColumn(name="age", mean=0.1, std=0.8, minimum=-2.0, maximum=2.5, zero_share=0.01),),
        dtype="float32",
        label_dtype="int32",
        label_minimum=0,
        label_maximum=1,
        n_distinct_labels=2,
    ),
    head=HeadReading(
        n_outputs=1,
        activations=("linear",),
        loss="binary_crossentropy",
        from_logits=True,
        lowest=-0.2,
        highest=0.2,
        row_sum_low=-0.2,
        row_sum_high=0.2,
        label_maximum=1.0,
    ),
    layout=LayoutReading(
        layers=(
            LayerFact(name="hidden_1", kind="Dense", activation="relu", n_units=64, use_bias=True),
            LayerFact(name="head", kind="Dense", n_units=1, use_bias=True),
        )
    ),
    loss_at_start=StartReading(value=0.694, ignorance=LN_2, prior=0.69),
    loss_with_prior_bias=StartReading(value=0.691, ignorance=LN_2, prior=0.69),
    duplication=DuplicationReading(losses=((1.0, 0.694), (2.0, 0.694), (32.0, 0.694))),
    cross_talk=CrossTalkReading(largest_share=0.0, n_rows=16),
    internals=SOUND_INTERNALS,
    tiny_batch=TinyBatchReading(n_rows=32, start=0.694, best=0.001, limit=0.007, accuracy=1.0, n_steps=140),
    controls=ControlsReading(
        gain_over_zeroed=0.31,
        zeroed_error=0.02,
        gain_over_chance=0.3,
        chance_error=0.02,
        shuffled_gain=-0.01,
        shuffled_error=0.01,
        n_validation=100,
    ),
    rate_range=RateReading(chosen=1e-3, default=1e-3, largest_fall=0.4, curve=((1e-6, 0.69), (1e-3, 0.5))),
    parity=ParityReading(
        repeat_difference=0.0,
        reload_difference=0.0,
        train_mode_loss=0.5,
        inference_mode_loss=0.49,
        n_epochs=1.0,
    ),
    evaluation=EvaluationReading(metric="roc_auc", constant_score=0.5, expected_score=0.5, sorted_difference=0.0),
)

# no way of changing an image was tried, and none is rejected
SOUND_AUGMENTATION = AugmentationReading(plain_score=0.9, augmented=(), n_rows=384)
