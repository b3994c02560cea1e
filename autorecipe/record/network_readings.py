"""What a network is, as it was built and as it trains: plain values, taken by probes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InputColumn:
    """One column of what enters the network, over the rows looked at."""

    name: str
    mean: float
    std: float
    minimum: float
    maximum: float
    zero_share: float
    n_not_finite: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsReading:
    """What enters the network, and what it is to learn.

    Attributes
    ----------
    columns : tuple of InputColumn
        At most 1,000 of them; images and sequences are flattened.
    dtype, label_dtype : str
        NumPy's names.
    label_minimum, label_maximum : float
        Over all rows; NaN counts in `n_labels_not_finite`.
    """

    n_rows: int
    columns: tuple[InputColumn, ...]
    dtype: str
    label_dtype: str
    label_minimum: float
    label_maximum: float
    n_distinct_labels: int
    n_labels_not_finite: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadReading:
    """How the network ends, and the loss that it is held to.

    Attributes
    ----------
    activations : tuple of str
        Activations after the last layer with weights, in order: ("softmax", "softmax") for a double softmax;
        ("linear",) for none.
    loss : str
        Keras' name in snake case: "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error", ...
    from_logits : bool or None
        None where the loss has no such setting.
    lowest, highest : float
        Of the outputs on the rows looked at.
    row_sum_low, row_sum_high : float
        Of the outputs' sum per row.
    labels_are_one_hot : bool
        Whether y has one column per class.
    label_width : int
        Columns of y; 1 where it has one value per row.
    """

    n_outputs: int
    activations: tuple[str, ...]
    loss: str
    from_logits: bool | None
    lowest: float
    highest: float
    row_sum_low: float
    row_sum_high: float
    labels_are_one_hot: bool = False
    label_minimum: float = 0.0
    label_maximum: float = 0.0
    labels_are_whole: bool = True
    label_width: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReading:
    """The data loss (no penalties) before training.

    Attributes
    ----------
    value : float
        On the rows looked at.
    ignorance : float
        What a network costs that knows nothing: ln C, or the mean square of the target for regression.
    prior : float
        What one costs that knows the prior alone: its entropy, or the target's variance.
    bias_for_prior : float or None
        Value of the output's bias that knows the prior: the positives' log odds, or the target's mean; None for
        several outputs.
    """

    value: float
    ignorance: float
    prior: float
    bias_for_prior: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerReading:
    """One layer with a kernel, on the rows looked at (inference mode).

    Attributes
    ----------
    activation : str
        Of the layer itself or of the activation layer that follows it; "linear" for none.
    is_first, is_last : bool
        Along the path from the inputs to the outputs.
    kernel_std, expected_kernel_std : float
        The second by the formula of the layer's own initializer (NaN where there is none, 0 for zeros).
    output_mean, output_std : float
        Of the layer's output after its activation.
    dead_share : float
        Units whose |output| has a 95th percentile below 1e-5.
    saturated_share : float
        Share of pre-activations beyond 5 in size; 0 where the activation does not saturate.
    gradient_norm, gradient_mean : float
        Of the data loss by the kernel: its norm, and the mean of its sizes.
    kernel_norm : float
    update_ratio : float or None
        Mean size of one optimizer step over the mean size of the kernel; None where the kernel is zero or no step
        was taken.
    is_trained : bool
        Whether the optimizer moves the kernel; a frozen one has no gradient.
    """

    name: str
    kind: str
    activation: str
    n_units: int
    is_first: bool = False
    is_last: bool = False
    kernel_std: float = 0.0
    expected_kernel_std: float = float("nan")
    output_mean: float = 0.0
    output_std: float = 0.0
    dead_share: float = 0.0
    saturated_share: float = 0.0
    gradient_norm: float = 0.0
    gradient_mean: float = 0.0
    kernel_norm: float = 0.0
    update_ratio: float | None = None
    is_trained: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Internals:
    """All layers with a kernel, from the inputs to the outputs, after so many epochs (0: before the first step).

    Attributes
    ----------
    gradient_norm : float
        Of the data loss by all trainable variables.
    penalty_share : float
        Norm of the penalties' gradient over that of the data loss; 0 without penalties.
    """

    epoch: int
    layers: tuple[LayerReading, ...]
    gradient_norm: float = 0.0
    penalty_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFact:
    """One layer as it was configured, in the order of the model.

    Attributes
    ----------
    kind : str
        Class name: "Dense", "Dropout", "BatchNormalization", ...
    n_units : int
        Units or filters; 0 where the layer has none.
    rate : float
        Of a dropout layer.
    """

    name: str
    kind: str
    activation: str = "linear"
    n_units: int = 0
    rate: float = 0.0
    use_bias: bool = False
    kernel_initializer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutReading:
    """The network's layers as they were configured."""

    layers: tuple[LayerFact, ...]
