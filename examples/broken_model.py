"""A network with a fault that trains without an error message: its loss expects logits and gets probabilities.

Find it with:

    autorecipe check examples/broken_model.py:build_model examples/data/breast_cancer.csv --target target
"""

from __future__ import annotations

from pathlib import Path

import keras
import pandas as pd

DATA = Path(__file__).parent / "data" / "breast_cancer.csv"


def load_data() -> pd.DataFrame:
    """The columns that hold numbers, without gaps, and the target."""
    table = pd.read_csv(DATA)
    numbers = table.select_dtypes("number").dropna(axis="columns")
    return numbers.assign(target=table["target"])


def build_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    n_columns = load_data().shape[1] - 1
    model = keras.Sequential(
        [
            keras.Input((n_columns,)),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(2, activation="softmax"),  # the fault: drop the activation, or from_logits below
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
