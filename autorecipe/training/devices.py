"""What the machine offers: free memory, GPUs, and the precision that they gain from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import tensorflow as tf

Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]
DeviceDetails = Mapping[str, object]

# NVIDIA's compute capability: tensor cores for float16 came with Volta (7.0), for bfloat16 with Ampere (8.0).
# TensorFlow guide "Mixed precision"; NVIDIA, "Train with mixed precision"
BFLOAT16_FROM, FLOAT16_FROM = (8, 0), (7, 0)
MEMORY_INFO = Path("/proc/meminfo")
KIB = 1024


def precision_for(device: DeviceDetails) -> Precision:
    """Return the dtype policy with which a device trains fastest at the same quality.

    float16 has a narrow range and needs its loss scaled, which Keras does by a `LossScaleOptimizer`; bfloat16 has the
    range of float32 and needs nothing. Without a compute capability (a CPU, another make) it is float32.

    Parameters
    ----------
    device : mapping
        As `tf.config.experimental.get_device_details` returns it; only "compute_capability", a pair, is read.

    Examples
    --------
    >>> precision_for({"compute_capability": (8, 6)}), precision_for({})
    ('mixed_bfloat16', 'float32')
    """
    capability = device.get("compute_capability")
    if not isinstance(capability, tuple):
        return "float32"
    if capability >= BFLOAT16_FROM:
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= FLOAT16_FROM else "float32"


def training_precision(devices: Sequence[DeviceDetails]) -> Precision:
    """Return the dtype policy in which AutoRecipe's own networks are trained on these GPUs.

    It is bfloat16 where every GPU gains from it. Where float16 alone would gain (Volta, Turing) it stays float32:
    float16 needs the loss scaled, and each step that overflows while the scale is found would count as an exploding
    gradient. Without a GPU it is always float32.

    Parameters
    ----------
    devices : sequence of mapping
        As `gpu_details` returns them.

    Examples
    --------
    >>> training_precision(({"compute_capability": (9, 0)},)), training_precision(())
    ('mixed_bfloat16', 'float32')
    """
    gain = bool(devices) and all(precision_for(device) == "mixed_bfloat16" for device in devices)
    return "mixed_bfloat16" if gain else "float32"


def gpu_details() -> tuple[DeviceDetails, ...]:
    """Return what TensorFlow knows of each GPU that it sees."""
    gpus = tf.config.list_physical_devices("GPU")
    return tuple(tf.config.experimental.get_device_details(gpu) for gpu in gpus)


def free_memory_bytes() -> int | None:
    """Return the memory that can be taken without swapping, in bytes; None where the system does not say."""
    if MEMORY_INFO.exists():  # it counts the page cache as free, which sysconf's free pages do not
        for line in MEMORY_INFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * KIB
    names = getattr(os, "sysconf_names", {})
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):  # macOS knows the second alone
        if pages in names:
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    return None
