"""What was found out about a model, as values."""

from __future__ import annotations

from dataclasses import dataclass

CERTAIN_ERRORS = 2.0  # standard errors: chance alone gives a rise beyond them to one idle column in forty (normal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """What a column is worth to the model.

    Attributes
    ----------
    rise : float
        How much the mean loss of a row rises when the column's cells are shuffled among the rows.
    error : float
        Standard error of the rise, row by row.
    """

    column: str
    rise: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether the rise is more than two of its standard errors."""
        return self.rise > CERTAIN_ERRORS * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """How the mean prediction moves with one column, the other columns as they are (partial dependence).

    Attributes
    ----------
    cells : tuple of str
        Raw cells that every row was given in turn: quantiles of numbers in their order, the commonest others.
    predictions : tuple of float
        The mean prediction with each: the probability of `of`, or a number in the target's unit.
    of : str
        The class; "" for a regression.
    n_rows : tuple of int
        How many rows have each cell; empty where the cells are quantiles, and in runs that did not count them.
    """

    column: str
    cells: tuple[str, ...]
    predictions: tuple[float, ...]
    of: str = ""
    n_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakSlice:
    """Rows on which the model is worse than elsewhere.

    Attributes
    ----------
    rows : str
        Which: "sex is 'female'", "income from 3.2 to 15".
    n_rows : int
    loss, elsewhere : float
        Mean loss of a row there, and of the other rows.
    error : float
        Standard error of the difference.
    """

    column: str
    rows: str
    n_rows: int
    loss: float
    elsewhere: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeError:
    """A row that the model is most wrong about.

    Attributes
    ----------
    row : int
        Of the file, from 1.
    """

    row: int
    truth: str
    predicted: str
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Two classes of which one is taken for the other.

    Attributes
    ----------
    n, n_truth : int
        Images of the true class that were taken for the other, and all images of the true class.
    """

    truth: str
    predicted: str
    n: int
    n_truth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMistake:
    """An image that the model is confidently wrong about; of a number one whose prediction is far off.

    Attributes
    ----------
    name : str
        Of the file, below the root.
    probability : float or None
        Of the class that was predicted, 0 to 1; None for a regression.
    """

    name: str
    truth: str
    predicted: str
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakeTrait:
    """What is common to images that the model is wrong about.

    Attributes
    ----------
    statistic : str
        "brightness", "contrast", "sharpness", "entropy", "size" (pixels of the file) or "elongation" (longer side
        over shorter side).
    wrong, right : float
        Its medians.
    z : float
        Of the Mann-Whitney test; positive where it is larger for wrong ones.
    """

    statistic: str
    wrong: float
    right: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLook:
    """Pictures of what the model looks at in images, and what they show.

    Attributes
    ----------
    n_wrong : int
        Of the images looked at; for a regression 0.
    pictures : tuple of (title, path)
        Paths below the run's directory.
    skipped : tuple of (title, reason)
        Pictures that were not drawn.
    confusions : tuple of Confusion
        The commonest first.
    mistakes : tuple of ImageMistake
        The most confident first.
    traits : tuple of MistakeTrait
        Those beyond chance, the surest first.
    centre_share : float or None
        Mean share of the class activation in the middle quarter of the image's area; 0.25 where it lies evenly.
    n_activations : int
        Images that the share is of.
    """

    n_wrong: int = 0
    pictures: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    confusions: tuple[Confusion, ...] = ()
    mistakes: tuple[ImageMistake, ...] = ()
    traits: tuple[MistakeTrait, ...] = ()
    centre_share: float | None = None
    n_activations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """What the model looks at, and where it is wrong, on rows that its networks have not learned from.

    Attributes
    ----------
    n_rows, n_networks : int
        Rows looked at, and networks that each predict the rows that they held out: of a table those of the heaviest
        part, of images all of the model.
    unit : str
        Of losses: "log loss", or "squared error" in standard deviations of the target.
    loss : float
        Mean loss of these rows.
    importances : tuple of Importance
        Largest first.
    images : ImageLook or None
        Of a run of images, which has no columns to speak of.
    """

    n_rows: int
    n_networks: int
    unit: str
    loss: float
    importances: tuple[Importance, ...] = ()
    dependences: tuple[Dependence, ...] = ()
    slices: tuple[WeakSlice, ...] = ()
    errors: tuple[LargeError, ...] = ()
    seconds: float = 0.0
    images: ImageLook | None = None

    @property
    def unit_text(self) -> str:
        """What losses are, with the scale of those that have none of their own."""
        return f"{self.unit} (standardized target)" if self.unit == "squared error" else self.unit
