"""A Keras model of one's own, trained by the compiled loop instead of Model.fit.

usage: python examples/train_any_model.py
"""

from __future__ import annotations

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import autorecipe

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)

model = keras.Sequential(
    [keras.Input((30,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy"])

history = autorecipe.train(
    model,
    scaler.transform(X_train),
    y_train,
    plan=autorecipe.TrainingPlan(epochs=20, batch_size=32, schedule="cosine", clip_norm=1.0),
    validation_data=(scaler.transform(X_test), y_test),
    callbacks=[keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)],
)
print(f"{len(history.epoch)} epochs, validation accuracy {history.history['val_accuracy'][-1]:.3f}")
