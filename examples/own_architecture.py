"""A network of your own: a function of the features; the stages change its knobs and judge each change.

usage: python examples/own_architecture.py [TIME_LIMIT]
   or: autorecipe fit DATA --target COL --architecture examples/own_architecture.py:gated
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras

from autorecipe import AutoRecipe

DATA = Path(__file__).parent / "data" / "breast_cancer.csv"


@keras.saving.register_keras_serializable(package="own_architecture")
class Gate(keras.layers.Layer):
    """Lets a learned share of each feature through."""

    def build(self, input_shape):
        self.openness = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="openness")

    def call(self, inputs):
        return inputs * keras.ops.sigmoid(self.openness)


def gated(inputs, n_outputs, width=32, depth=2, dropout=0.1):
    """Return logits; width, depth and dropout are the knobs."""
    x = Gate()(inputs)
    for _ in range(depth):
        x = keras.layers.Dense(width, activation="gelu")(x)
        x = keras.layers.Dropout(dropout)(x)
    return keras.layers.Dense(n_outputs)(x)


def main() -> None:
    model = AutoRecipe(
        architecture=gated, time_limit=sys.argv[1] if len(sys.argv) > 1 else "1m", preset="quick", verbose=0
    )
    model.fit(DATA, target="target")
    print(model.recipe_.architecture, dict(model.recipe_.knobs))
    for stage in model.run_.stages:
        for decision in stage.decisions:
            print("kept" if decision.kept else "left", decision.change.title, decision.rule)


if __name__ == "__main__":  # resuming a run imports this file to find the function again
    main()
