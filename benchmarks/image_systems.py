"""The systems of the image benchmark, each as its own users would call it; those not installed are left out."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from image_sets import Images
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

Probabilities = NDArray[np.float64]
MOST_TRIALS = 3  # of AutoKeras, which begins with a small convnet, a ResNet and an EfficientNet
HELD_SHARE = 0.2  # its own default
PLAIN_EPOCHS, PLAIN_BATCH = 15, 128  # the convnet of Keras' first example of images
LINEAR_SIDE = 32  # pixels; more make a linear model slower, not better


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A contender.

    Attributes
    ----------
    package : str
        What must be installed.
    predict : callable
        (images, budget_s, seed) -> probabilities of the test images, shape (n, n_classes).
    """

    package: str
    predict: Callable[[Images, float, int], Probabilities]


def _autorecipe(images: Images, budget_s: float, seed: int) -> Probabilities:
    from autorecipe import AutoRecipe

    model = AutoRecipe(time_limit=budget_s, test_size=0, random_state=seed, verbose=0)
    return np.asarray(model.fit(images.x, images.y).predict_proba(images.test_x), "float64")


def _linear(images: Images, budget_s: float, seed: int) -> Probabilities:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200, C=0.01))
    said = model.fit(_small(images.x), images.y).predict_proba(_small(images.test_x))
    return np.asarray(said, "float64")


def _small(x: np.ndarray) -> np.ndarray:
    step = max(1, x.shape[1] // LINEAR_SIDE)
    return x[:, ::step, ::step].reshape(len(x), -1).astype("float32") / 255.0


def _plain_convnet(images: Images, budget_s: float, seed: int) -> Probabilities:
    import keras

    keras.utils.set_random_seed(seed)
    shape = (*images.x.shape[1:3], 1 if images.x.ndim == 3 else 3)
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(images.n_classes, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    stop = stop_after(budget_s)
    x = images.x.reshape(-1, *shape)
    model.fit(x, images.y, batch_size=PLAIN_BATCH, epochs=PLAIN_EPOCHS, verbose=0, callbacks=[stop])
    return np.asarray(model.predict(images.test_x.reshape(-1, *shape), verbose=0), "float64")


def _autokeras(images: Images, budget_s: float, seed: int) -> Probabilities:
    import autokeras

    x, held, y, held_y = train_test_split(
        images.x, images.y, test_size=HELD_SHARE, random_state=seed, stratify=images.y
    )
    model = autokeras.ImageClassifier(max_trials=MOST_TRIALS, directory=tempfile.mkdtemp(), overwrite=True, seed=seed)
    # with validation rows of its own it does not train its best again at the end, which the clock would cut short
    model.fit(x, y, validation_data=(held, held_y), verbose=0, callbacks=[stop_after(budget_s)])
    said = np.asarray(model.export_model().predict(images.test_x, verbose=0), "float64")
    return np.column_stack([1 - said, said]) if images.n_classes == 2 else said


def stop_after(budget_s: float) -> Any:
    """Return a callback that ends every training once the budget is spent: AutoKeras has no time limit of its own.

    The first training ends with what it has. Later ones, of larger networks that it would then still validate for
    minutes, are broken off: their trials count as failed, and the best of the others stands.
    """
    import keras

    end_s, ended = time.monotonic() + budget_s, []

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if time.monotonic() > end_s:
                self.model.stop_training = True
                self._break_off()

        def on_test_batch_end(self, batch: int, logs: object = None) -> None:
            if time.monotonic() > end_s:
                self._break_off()

        def on_train_end(self, logs: object = None) -> None:
            ended.append(True)

        def _break_off(self) -> None:
            if ended:
                raise RuntimeError("the budget is spent")

    return Stop()


SYSTEMS: dict[str, System] = {
    "autorecipe": System(package="autorecipe", predict=_autorecipe),
    "linear": System(package="sklearn", predict=_linear),
    "plain convnet": System(package="keras", predict=_plain_convnet),
    "autokeras": System(package="autokeras", predict=_autokeras),
}


def installed() -> tuple[str, ...]:
    """Return the names of the systems whose library is there."""
    return tuple(name for name, system in SYSTEMS.items() if importlib.util.find_spec(system.package))
