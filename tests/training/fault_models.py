"""Networks with one fault each, and the same networks without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

N_DIGITS = 1000
DIGITS_WHITE, BYTE_WHITE = 16.0, 255.0  # the brightest pixel of the bundled digits, and of most images
N_RARE, RARE_SHARE = 2000, 0.01
N_STACK, STACK_WIDTH, STACK_DEPTH = 600, 48, 5
N_DEEP, N_RESIDUAL = 14, 4  # each layer takes a tenth of a second or two

Case = tuple[keras.Model, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: the network that has it, and the check that should notice.

    Attributes
    ----------
    make : function without arguments
        Returns (compiled model, X, y) with the fault.
    code : str
        The check that names the cause.
    twin : str
        The same kind of network without the fault, among `TWINS`.
    """

    name: str
    make: Callable[[], Case]
    code: str
    twin: str


def build(make):
    """Return (model, X, y), the weights drawn from a seed."""
    keras.utils.set_random_seed(0)
    return make()


def compiled(model, *, loss, rate=1e-3, kind=keras.optimizers.RMSprop):
    """RMSprop learns as Adam does here, and is traced in half the time."""
    model.compile(optimizer=kind(rate), loss=loss)
    return model


def sequential(n_inputs, *stack):
    return keras.Sequential([keras.Input((n_inputs,)), *stack])


@cache
def digits(white: float = 1.0):
    found = load_digits()
    return (found.data[:N_DIGITS] * (white / DIGITS_WHITE)).astype("float32"), found.target[:N_DIGITS].astype("int64")


@cache
def standard_digits():
    x, y = digits()
    return ((x - x.mean(axis=0)) / (x.std(axis=0) + 0.1)).astype("float32"), y


@cache
def raw_tumours():
    found = load_breast_cancer()
    return found.data.astype("float32"), found.target.astype("int64")


@cache
def tumours():
    x, y = raw_tumours()
    return (x - x.mean(axis=0)) / x.std(axis=0), y


@cache
def progression():
    found = load_diabetes()
    x, y = found.data, found.target
    return (x / x.std(axis=0)).astype("float32"), ((y - y.mean()) / y.std()).astype("float32")


@cache
def rare():
    """One row in a hundred is positive, and what makes it so can be seen."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N_RARE, 10)).astype("float32")
    strength = x[:, 0] + x[:, 1] + 0.3 * rng.normal(size=N_RARE)
    return x, (strength > np.quantile(strength, 1 - RARE_SHARE)).astype("int64")


@cache
def two_clouds():
    """Two classes in `STACK_WIDTH` columns of unit variance, told apart by the sum of a few."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N_STACK, STACK_WIDTH)).astype("float32")
    return x, (x[:, :6].sum(axis=1) > 0).astype("int64")


def classifier(n_inputs, n_classes, *, ending="softmax", **hidden):
    return sequential(
        n_inputs,
        layers.Dense(32, activation="relu", **hidden),
        layers.Dense(32, activation="relu", **hidden),
        layers.Dense(n_classes, activation=ending),
    )


def digit_classifier(*, rate=1e-3, **hidden):
    return compiled(classifier(64, 10, **hidden), loss="sparse_categorical_crossentropy", rate=rate), *standard_digits()


def unscaled_inputs():
    return compiled(classifier(64, 10), loss="sparse_categorical_crossentropy"), *digits(BYTE_WHITE)


def digit_logits(*, ending=None):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return compiled(classifier(64, 10, ending=ending), loss=loss), *standard_digits()


def double_softmax():
    model = sequential(64, *classifier(64, 10).layers, layers.Softmax())
    return compiled(model, loss="sparse_categorical_crossentropy"), *standard_digits()


def tumour_classifier(*, loss="binary_crossentropy"):
    return compiled(classifier(30, 1, ending="sigmoid"), loss=loss), *tumours()


def shuffled_labels():
    model, x, y = tumour_classifier()
    return model, x, np.random.default_rng(5).permutation(y)


def progression_model(*, loss="mean_squared_error"):
    return compiled(classifier(10, 1, ending=None), loss=loss), *progression()


def tanh_stack(*, std=None):
    kernels = [
        keras.initializers.GlorotUniform(i) if std is None else keras.initializers.RandomNormal(stddev=std, seed=i)
        for i in range(STACK_DEPTH)
    ]
    stack = [layers.Dense(STACK_WIDTH, activation="tanh", kernel_initializer=kernel) for kernel in kernels]
    model = sequential(STACK_WIDTH, *stack, layers.Dense(1, activation="sigmoid"))
    return compiled(model, loss="binary_crossentropy"), *two_clouds()


@keras.saving.register_keras_serializable("tests")
class CentreOverBatch(layers.Layer):
    """Takes the mean over the rows of the batch: the axis is wrong."""

    def call(self, inputs):
        return inputs - ops.mean(inputs, axis=0, keepdims=True)


@keras.saving.register_keras_serializable("tests")
class CentreOverUnits(layers.Layer):
    """Takes the mean over each row's units."""

    def call(self, inputs):
        return inputs - ops.mean(inputs, axis=1, keepdims=True)


def centred_over_the_batch():
    model = sequential(
        30, layers.Dense(32, activation="relu"), CentreOverBatch(), layers.Dense(1, activation="sigmoid")
    )
    return compiled(model, loss="binary_crossentropy"), *tumours()


def rare_positives(*, bias):
    kernel = keras.initializers.RandomNormal(stddev=0.05, seed=2)
    output = layers.Dense(1, activation="sigmoid", kernel_initializer=kernel, bias_initializer=bias)
    return compiled(sequential(10, layers.Dense(32, activation="relu"), output), loss="binary_crossentropy"), *rare()


@keras.saving.register_keras_serializable("tests")
class ScaleInTraining(layers.Layer):
    """Standardizes its inputs in training alone: at inference they arrive as they are."""

    def __init__(self, mean, std, **options):
        super().__init__(**options)
        self.mean, self.std = list(mean), list(std)

    def call(self, inputs, training=False):
        return (inputs - ops.array(self.mean, "float32")) / ops.array(self.std, "float32") if training else inputs

    def get_config(self):
        return {**super().get_config(), "mean": self.mean, "std": self.std}


def scaled_in_training_only():
    x, y = raw_tumours()
    scale = ScaleInTraining(x.mean(axis=0).tolist(), x.std(axis=0).tolist())
    model = sequential(30, scale, layers.Dense(32, activation="relu"), layers.Dense(1, activation="sigmoid"))
    return compiled(model, loss="binary_crossentropy"), x, y


def scaled_and_centred():
    """Scales its inputs in both modes, and centres each row by itself."""
    x, y = raw_tumours()
    scale = layers.Normalization(mean=x.mean(axis=0), variance=x.var(axis=0))
    hidden = (layers.Dense(32, activation="relu"), CentreOverUnits())
    model = sequential(30, scale, *hidden, layers.Dense(1, activation="sigmoid"))
    return compiled(model, loss="binary_crossentropy"), x, y


def with_dropout(rate):
    model = sequential(
        64,
        layers.Dense(64, activation="relu"),
        layers.Dropout(rate, seed=1),
        layers.Dense(64, activation="relu"),
        layers.Dropout(rate, seed=2),
        layers.Dense(10, activation="softmax"),
    )
    return compiled(model, loss="sparse_categorical_crossentropy"), *standard_digits()


def sigmoid_stack():
    stack = [layers.Dense(16, activation="sigmoid") for _ in range(N_DEEP)]
    model = sequential(30, *stack, layers.Dense(1, activation="sigmoid"))
    return compiled(model, loss="binary_crossentropy", rate=1e-2, kind=keras.optimizers.SGD), *tumours()


def residual_stack():
    """Deep as well, with a way around each layer; with fewer layers, which take their seconds."""
    inputs = keras.Input((30,))
    hidden = layers.Dense(16, activation="tanh")(inputs)
    for _ in range(N_RESIDUAL):
        inner = layers.Dense(16, activation="tanh")(hidden)
        hidden = layers.Add()([hidden, layers.Rescaling(0.2)(inner)])
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))
    return compiled(model, loss="binary_crossentropy"), *tumours()


PRIOR = keras.initializers.Constant(float(np.log(RARE_SHARE / (1 - RARE_SHARE))))
TWINS = {
    "digits": digit_classifier,
    "logits": digit_logits,
    "amounts": progression_model,
    "tanh": tanh_stack,
    "rare": partial(rare_positives, bias=PRIOR),
    "scaled and centred": scaled_and_centred,
    "dropout": partial(with_dropout, 0.2),
    "deep": residual_stack,
}
FAULTS = (
    Fault(name="inputs from 0 to 255", make=unscaled_inputs, code="T005", twin="digits"),
    Fault(name="softmax with from_logits", make=partial(digit_logits, ending="softmax"), code="T002", twin="logits"),
    Fault(name="double softmax", make=double_softmax, code="T002", twin="digits"),
    Fault(
        name="categorical loss on one output",
        make=partial(tumour_classifier, loss="categorical_crossentropy"),
        code="T002",
        twin="scaled and centred",
    ),
    Fault(
        name="cross-entropy on amounts",
        make=partial(progression_model, loss="binary_crossentropy"),
        code="T002",
        twin="amounts",
    ),
    Fault(name="shuffled labels", make=shuffled_labels, code="T009", twin="scaled and centred"),
    Fault(name="learning rate 10", make=partial(digit_classifier, rate=10.0), code="T014", twin="digits"),
    Fault(name="learning rate 1e-9", make=partial(digit_classifier, rate=1e-9), code="T014", twin="digits"),
    Fault(
        name="zero initialisation",
        make=partial(digit_classifier, kernel_initializer="zeros"),
        code="T007",
        twin="digits",
    ),
    Fault(name="tanh stack from N(0, 0.01)", make=partial(tanh_stack, std=0.01), code="T007", twin="tanh"),
    Fault(name="tanh stack from N(0, 0.05)", make=partial(tanh_stack, std=0.05), code="T007", twin="tanh"),
    Fault(
        name="dead ReLUs",
        make=partial(digit_classifier, bias_initializer=keras.initializers.Constant(-12.0)),
        code="T017",
        twin="digits",
    ),
    Fault(name="leaking batch axis", make=centred_over_the_batch, code="T006", twin="scaled and centred"),
    Fault(name="no bias prior at 1 %", make=partial(rare_positives, bias="zeros"), code="T003", twin="rare"),
    Fault(
        name="normalization in training only",
        make=scaled_in_training_only,
        code="T011",
        twin="scaled and centred",
    ),
    Fault(name="dropout 0.95", make=partial(with_dropout, 0.95), code="T029", twin="dropout"),
    Fault(name=f"{N_DEEP} sigmoid layers", make=sigmoid_stack, code="T015", twin="deep"),
)
