"""Pretrained backbones, as plain facts: what they take, what they give, what they cost, where their weights are."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from autorecipe.errors import UserError, nearest

RECORD_SUFFIXES = (".h5", ".hdf5")  # weights alone, ".weights.h5" among them: they need an architecture
MODEL_SUFFIX = ".keras"
DIGEST_DIGITS = 8  # hexadecimal: enough to tell one file from the next
WEIGHTS_URL = "https://storage.googleapis.com/tensorflow/keras-applications"
BLOCK_BYTES = 2**20  # of a file, read at once while it is hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A convolutional network that was trained on ImageNet, without the classifier on its top.

    Attributes
    ----------
    name : str
        In a recipe's field `backbone`.
    constructor : str
        In `keras.applications`.
    file_name : str
        Of its weights, in the folder "models" of Keras' cache.
    folder, digest : str
        Where Keras' project serves that file, and its MD5 or SHA-256: as `keras.applications` has them.
    sides : tuple of int
        Pixels of the sides that images are brought to, rising; the last one is that of its training.
    n_features : int
        Channels of what it gives.
    file_mb : float
        Megabytes of its weights.
    n_multiplications : float
        Of an image of the largest side.
    lowest, highest : float
        What black and white must be for it; it rescales them itself.
    preprocessing : str
        What it does to them first.
    block_pattern : str
        Of the names of its layers, with a group that tells one block from the next.
    source : str
    """

    name: str
    title: str
    constructor: str
    file_name: str
    folder: str
    digest: str
    n_features: int
    file_mb: float
    n_multiplications: float
    preprocessing: str
    block_pattern: str
    source: str
    sides: tuple[int, ...] = (96, 128, 160, 192, 224)  # of MobileNet's published variants: arXiv 1704.04861, table 7
    lowest: float = 0.0
    highest: float = 255.0

    @property
    def url(self) -> str:
        """Where its weights can be downloaded."""
        return f"{WEIGHTS_URL}/{self.folder}/{self.file_name}"

    def side_for(self, longest: int) -> int:
        """Return the side that images whose longer side has so many pixels are brought to.

        >>> backbone_named("mobilenet_v3_small").side_for(100)
        128
        """
        return next((side for side in self.sides if side >= longest), self.sides[-1])


# smallest first; megabytes and multiplications are those that Keras' documentation and the papers give for 224 pixels
BACKBONES: tuple[Backbone, ...] = (
    Backbone(
        name="mobilenet_v3_small",
        title="MobileNetV3-Small",
        constructor="MobileNetV3Small",
        file_name="weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        folder="mobilenet_v3",
        digest="d3e8ec802a04aa4fc771ee12a9a9b836",
        n_features=576,
        file_mb=4.2,
        n_multiplications=56e6,
        preprocessing="to between -1 and 1",
        block_pattern=r"^expanded_conv(?:_(\d+))?_",
        source="Howard et al. (2019), Searching for MobileNetV3, arXiv 1905.02244",
    ),
    Backbone(
        name="mobilenet_v3_large",
        title="MobileNetV3-Large",
        constructor="MobileNetV3Large",
        file_name="weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        folder="mobilenet_v3",
        digest="07fb09a5933dd0c8eaafa16978110389",
        n_features=960,
        file_mb=12.7,
        n_multiplications=217e6,
        preprocessing="to between -1 and 1",
        block_pattern=r"^expanded_conv(?:_(\d+))?_",
        source="Howard et al. (2019), Searching for MobileNetV3, arXiv 1905.02244",
    ),
    Backbone(
        name="efficientnet_v2_b0",
        title="EfficientNetV2-B0",
        constructor="EfficientNetV2B0",
        file_name="efficientnetv2-b0_notop.h5",
        folder="efficientnet_v2",
        digest="893217f2bb855e2983157299931e43ff",
        n_features=1280,
        file_mb=24.3,
        n_multiplications=720e6,
        preprocessing="to ImageNet's mean and standard deviation",
        block_pattern=r"^block(\d+[a-z])_",
        source="Tan and Le (2021), EfficientNetV2, arXiv 2104.00298",
    ),
    Backbone(
        name="convnext_tiny",
        title="ConvNeXt-Tiny",
        constructor="ConvNeXtTiny",
        file_name="convnext_tiny_notop.h5",
        folder="convnext",
        digest="d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        n_features=768,
        file_mb=111.7,
        n_multiplications=4.5e9,
        preprocessing="to ImageNet's mean and standard deviation",
        block_pattern=r"_stage_(\d+_block_\d+)",
        source="Liu et al. (2022), A ConvNet for the 2020s, arXiv 2201.03545",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneChoice:
    """Which backbone, and where its weights are: what a recipe's field `backbone` says.

    Attributes
    ----------
    name : str
        Of a record; "" for a whole model in a file.
    path : str
        A file of the user's; "" for the weights in Keras' cache.
    digest : str
        First hexadecimal digits of that file's SHA-256, so that another file is another recipe; "" where unknown.
    """

    name: str = ""
    path: str = ""
    digest: str = ""

    def __str__(self) -> str:
        """Return it as a recipe has it: "NAME", "NAME:FILE#DIGEST" or "FILE#DIGEST"."""
        file = f"{self.path}#{self.digest}" if self.digest else self.path
        return f"{self.name}:{file}" if self.name and file else self.name or file

    @property
    def record(self) -> Backbone | None:
        """What is known of the backbone; None for a model in a file."""
        return backbone_named(self.name) if self.name else None

    @property
    def title(self) -> str:
        """What a person would call it."""
        record, file = self.record, Path(self.path).name
        return (f"{record.title} ({file})" if file else record.title) if record else file

    @property
    def weights_path(self) -> Path:
        """Where the weights are, or would be after a download."""
        return Path(self.path) if self.path or self.record is None else cache_folder() / self.record.file_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyBackbone:
    """Whether a backbone can be used on this machine.

    Attributes
    ----------
    missing : str
        Why it cannot; "" where it can.
    notes : tuple of str
        What was found out about it, where a person should know.
    """

    missing: str = ""
    notes: tuple[str, ...] = ()


def backbone_named(name: str) -> Backbone:
    """Return the record called `name`.

    Raises
    ------
    UserError
        When there is none.
    """
    found = next((backbone for backbone in BACKBONES if backbone.name == name), None)
    if found is None:
        names = [backbone.name for backbone in BACKBONES]
        near = nearest(name, names)
        raise UserError(
            f"there is no backbone '{name}'",
            where="field backbone",
            fix=f"did you mean '{near}'?" if near else f"one of {', '.join(names)}, or a file of Keras' (.keras)",
        )
    return found


def parse_backbone(text: str) -> BackboneChoice:
    """Read a recipe's field `backbone`.

    >>> parse_backbone("convnext_tiny:/data/own.weights.h5#0a1b2c3d")
    BackboneChoice(name='convnext_tiny', path='/data/own.weights.h5', digest='0a1b2c3d')

    Raises
    ------
    UserError
        When it names no backbone and no file.
    """
    known = "|".join(backbone.name for backbone in BACKBONES)
    match = re.fullmatch(rf"(?:({known})(?::|$))?(.*?)(?:#([0-9a-f]{{{DIGEST_DIGITS}}}))?", text)
    name, path, digest = match.groups() if match else (None, text, None)
    choice = BackboneChoice(name=name or "", path=path or "", digest=digest or "")
    if not choice.name and Path(choice.path).suffix not in (MODEL_SUFFIX, *RECORD_SUFFIXES):
        backbone_named(text)  # says what there is
    return choice


def choose_file(weights: str, *, where: str = "--weights") -> BackboneChoice:
    """Return the backbone of a file of the user's: a model of Keras' (.keras), or weights of a known one (.h5).

    Which architecture weights belong to is said in front of the file ("NAME:FILE"), or by the file's name.

    Parameters
    ----------
    where : str
        What the user wrote it behind.

    Raises
    ------
    UserError
        When there is no such file, or nothing says what its weights belong to.
    """
    asked = parse_backbone(weights) if weights.startswith(tuple(f"{b.name}:" for b in BACKBONES)) else None
    name, path = (asked.name, Path(asked.path)) if asked else ("", Path(weights))
    path = path.expanduser()
    if not path.is_file():
        raise UserError(f"there is no file '{path}'", where=where, fix=f"name a .keras or .h5 file, or drop {where}")
    if path.suffix == MODEL_SUFFIX:
        return BackboneChoice(path=str(path.resolve()), digest=file_digest(path))
    if path.suffix not in RECORD_SUFFIXES:
        raise UserError(
            f"'{path.name}' is neither a model of Keras' nor weights: its name ends in '{path.suffix}'",
            where=where,
            fix="save the backbone with model.save('FILE.keras')",
        )
    name = name or _named_by_file(path)
    if not name:
        raise UserError(
            f"nothing says which network the weights in '{path.name}' belong to",
            where=where,
            fix=f"write it in front, as in {BACKBONES[0].name}:{path}, or save the whole model as .keras",
        )
    return BackboneChoice(name=name, path=str(path.resolve()), digest=file_digest(path))


def cache_folder() -> Path:
    """Return where Keras keeps the weights that it has downloaded."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


def file_digest(path: Path) -> str:
    """Return the first eight hexadecimal digits of a file's SHA-256."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()[:DIGEST_DIGITS]


def at_side(backbone: Backbone, longest: int) -> Backbone:
    """Return the record for images of this size: its multiplications are those of the side they are brought to."""
    side = backbone.side_for(longest)
    share = (side / backbone.sides[-1]) ** 2
    return replace(backbone, sides=(side,), n_multiplications=backbone.n_multiplications * share)


def _named_by_file(path: Path) -> str:
    name = re.sub(r"[^a-z0-9]", "", path.name.casefold())
    return next((b.name for b in reversed(BACKBONES) if re.sub(r"[^a-z0-9]", "", b.name) in name), "")
