"""How are the network's layers configured?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.record.network_readings import LayerFact, LayoutReading
from autorecipe.training.bench import Bench
from autorecipe.training.inspect_network import initializer_of
from autorecipe.training.layer_calls import activation_of, kernel_holder


def layout(bench: Bench) -> LayoutReading:
    """Return the layers in the order of the model, those of models inside it in their place."""
    bench.fresh()
    return LayoutReading(layers=tuple(_fact(layer) for layer in _layers(bench.network)))


def _layers(model: keras.Model) -> Iterator[Any]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def _fact(layer: Any) -> LayerFact:
    holder, initializer = kernel_holder(layer), initializer_of(layer)
    n_units = getattr(holder, "units", None) or getattr(holder, "filters", None) or 0
    rate = getattr(layer, "rate", 0.0)
    return LayerFact(
        name=layer.name,
        kind=type(layer).__name__,
        activation=activation_of(layer),
        n_units=int(n_units),
        rate=float(rate) if "Dropout" in type(layer).__name__ else 0.0,
        use_bias=getattr(holder, "bias", None) is not None,
        kernel_initializer=type(initializer).__name__ if initializer is not None else "",
    )
