"""Products of float32 numbers as they are computed everywhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf


@contextlib.contextmanager
def exact_float32() -> Iterator[None]:
    """Let a GPU multiply float32 numbers as they are while inside; a CPU always does.

    GPUs from compute capability 8 on round the factors of products and convolutions to 10 bits unless told otherwise
    (NVIDIA, "TensorFloat-32"), which moves predictions by more than a proof of equality allows.
    """
    was = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(was)
