"""What each layer of a network was given and returned in one call of it, subclassed models included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from autorecipe.training.bench import Tensors

KERNEL_NAMES = ("kernel", "pointwise_kernel", "depthwise_kernel")
ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "Softmax": "softmax",
    "Maxout": "maxout",
}
# parts of the names of layers that leave the units in their places between a kernel and its activation
TRANSPARENT = ("Normalization", "RMSNorm", "Dropout", "Noise", "Pooling", "StochasticDepth")
# functions that a model may call without a layer, recognised by what they return
KNOWN_FUNCTIONS = ("relu", "tanh", "sigmoid", "softmax", "elu", "selu", "gelu", "silu", "leaky_relu")
HEARD = ("call", "activation")  # attributes of a layer that are listened to
FUNCTION_TOLERANCE = 1e-5  # relative and absolute: float32 in another order of operations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerCall:
    """One call of one layer.

    Attributes
    ----------
    inputs : list of tensors
    before : tensor or None
        What the layer's own activation was given; None where it has none.
    output : tensor
        The first one where there are several.
    """

    layer: Any
    inputs: list[Any]
    before: Any
    output: Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activated:
    """A layer's output before and after its activation, and the activation's name ("linear" for none)."""

    name: str
    before: Any
    after: Any


def record_calls(network: keras.Model, x: Tensors, *, training: bool = False) -> tuple[tuple[LayerCall, ...], Any]:
    """Call a network once, and return its layers' calls in their order, and the outputs.

    The network is left as it was, but for what a call in training mode changes.
    """
    calls: list[LayerCall] = []
    with _listening(network, calls.append):
        outputs = network(x, training=training)
    return tuple(calls), outputs


def kernel_calls(calls: tuple[LayerCall, ...]) -> tuple[LayerCall, ...]:
    """Return the first call of each layer that has a kernel; embeddings are none."""
    seen: dict[int, LayerCall] = {}
    for call in calls:
        if kernel_of(call.layer) is not None:
            seen.setdefault(id(kernel_of(call.layer)), call)
    return tuple(seen.values())


def kernel_of(layer: Any) -> keras.Variable | None:
    """Return a layer's kernel (its cell's, for a recurrent layer), or None."""
    if "Embedding" in type(layer).__name__:
        return None
    holder = kernel_holder(layer)
    found = (getattr(holder, name, None) for name in KERNEL_NAMES)
    return next((v for v in found if isinstance(v, keras.Variable)), None)


def kernel_holder(layer: Any) -> Any:
    """Return what has the kernel: the layer, its cell, or the layer that it wraps."""
    return getattr(layer, "cell", None) or getattr(layer, "layer", None) or layer


def activation_of(layer: Any) -> str:
    """Return the name of a layer's own activation, or of the activation that it is; "linear" for none."""
    kind = type(layer).__name__
    if kind in ACTIVATION_LAYERS:
        return ACTIVATION_LAYERS[kind]
    activation = getattr(kernel_holder(layer), "activation", None)
    if isinstance(activation, keras.layers.Layer):
        return activation_of(activation)
    return getattr(activation, "__name__", "linear") if callable(activation) else "linear"


def activated(call: LayerCall, calls: tuple[LayerCall, ...], outputs: Any) -> Activated:
    """Return what becomes of a layer's output: by its own activation, a layer's after it, or a plain function's."""
    if (own := activation_of(call.layer)) != "linear":
        return Activated(name=own, before=call.before, after=call.output)
    present = call.output
    while len(following := _consumers(present, calls)) == 1:
        layer = following[0].layer
        if is_activation(layer):
            return Activated(name=activation_of(layer), before=present, after=following[0].output)
        if not any(part in type(layer).__name__ for part in TRANSPARENT):
            break
        present = following[0].output
    if not following and present is not outputs:
        later = [t for c in calls[calls.index(call) + 1 :] for t in c.inputs]
        for tensor in (*later, outputs):
            if name := function_between(present, tensor):
                return Activated(name=name, before=present, after=tensor)
    return Activated(name="linear", before=None, after=call.output)


def closing_activations(calls: tuple[LayerCall, ...], outputs: Any) -> tuple[str, ...]:
    """Return the activations after the last kernel, in their order; ("linear",) for none."""
    if not (kernels := kernel_calls(calls)):
        return ("linear",)
    names, present = [activation_of(kernels[-1].layer)], kernels[-1].output
    while present is not outputs and (following := _consumers(present, calls)):
        names += [activation_of(following[0].layer)] if is_activation(following[0].layer) else []
        present = following[0].output
    names += [function_between(present, outputs)] if present is not outputs else []
    return tuple(name for name in names if name not in ("", "linear")) or ("linear",)


def is_activation(layer: Any) -> bool:
    """Return whether a layer is an activation and nothing else."""
    return isinstance(layer, keras.layers.Activation) or type(layer).__name__ in ACTIVATION_LAYERS


def function_between(before: Any, after: Any) -> str:
    """Return the known activation that makes one tensor of another; "" for none, or where they are the same."""
    if tuple(before.shape) != tuple(after.shape) or _alike(before, after):
        return ""
    return next((n for n in KNOWN_FUNCTIONS if _alike(getattr(keras.ops, n)(before), after)), "")


def _alike(a: Any, b: Any) -> bool:
    return np.allclose(np.asarray(a), np.asarray(b), rtol=FUNCTION_TOLERANCE, atol=FUNCTION_TOLERANCE)


def _consumers(tensor: Any, calls: tuple[LayerCall, ...]) -> list[LayerCall]:
    # dropout hands its very input on in inference mode: it is no consumer
    return [c for c in calls if any(given is tensor for given in c.inputs) and c.output is not tensor]


@contextmanager
def _listening(network: keras.Model, hear: Callable[[LayerCall], None]) -> Iterator[None]:
    # set in the layers' own dictionaries, since Keras tracks what is assigned to an attribute
    layers = _leaves(network)
    before = [{name: la.__dict__[name] for name in HEARD if name in la.__dict__} for la in layers]
    try:
        for layer in layers:
            _listen_to(layer, hear)
        yield
    finally:
        for layer, kept in zip(layers, before, strict=True):
            for name in HEARD:
                layer.__dict__.pop(name, None)
            layer.__dict__.update(kept)


def _listen_to(layer: Any, hear: Callable[[LayerCall], None]) -> None:
    call, activation = layer.call, layer.__dict__.get("activation")
    given: list[Any] = []

    def heard_call(*args: Any, **kwargs: Any) -> Any:
        output = call(*args, **kwargs)
        first = tf.nest.flatten(output)[0]
        if tf.is_tensor(first) and not tf.is_symbolic_tensor(first):
            tensors = [t for t in tf.nest.flatten((args, kwargs)) if tf.is_tensor(t)]
            hear(LayerCall(layer=layer, inputs=tensors, before=given[-1] if given else None, output=first))
        given.clear()
        return output

    def heard_activation(values: Any) -> Any:
        given.append(values)
        return activation(values)

    layer.__dict__["call"] = heard_call
    if callable(activation) and kernel_of(layer) is not None:
        layer.__dict__["activation"] = heard_activation


def _leaves(network: keras.Model) -> list[Any]:
    """Return all layers but models, recurrent cells and what wrappers hold, which loops call symbolically."""
    held = {id(kernel_holder(layer)) for layer in _all_layers(network) if kernel_holder(layer) is not layer}
    return [la for la in _all_layers(network) if not isinstance(la, keras.Model) and id(la) not in held]


def _all_layers(network: keras.Model) -> list[Any]:
    return list(network._flatten_layers(include_self=False))
