"""Draw what a finished run's model looks at in images that it has not learned from, and where it is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.effects import Clock
from autorecipe.ensemble.members import Member, chosen_members
from autorecipe.intake import Intake
from autorecipe.interpretation.image_album import Album, Draw, NoTime
from autorecipe.interpretation.image_mistakes import (
    HeldOut,
    confusion_counts,
    confusions,
    most_confident,
    traits,
)
from autorecipe.interpretation.image_network import ImageNetwork, NotShown
from autorecipe.interpretation.image_plane import on_plane
from autorecipe.interpretation.image_sheet import (
    PointMap,
    Tile,
    draw_matrix,
    draw_points,
    draw_tiles,
    grey,
    heat_over,
    stretched,
)
from autorecipe.interpretation.record import ImageLook, ImageMistake, Interpretation
from autorecipe.record.run import Run
from autorecipe.training.ensembling import ensemble_out_of_fold
from autorecipe.training.fit_keys import evenly
from autorecipe.training.fold_rows import PIXELS
from autorecipe.training.scores import Predicted, row_losses
from autorecipe.training.trainer import NetworkTrainer

N_EXAMPLES = 8  # right ones, and wrong ones, that are looked into
N_MISTAKES, N_ACROSS = 24, 8  # of the sheet of mistakes; tiles beside each other
MOST_MATRIX_CLASSES = 12  # of a confusion matrix: more cells would show no images
N_ACTIVATIONS = 48  # images, evenly spaced, that the share of the activation in the centre is of
MOST_POINTS = 2_000  # of the plane
LEAST_POINTS = 20
N_FIRST_IMAGES, N_FIRST_MAPS = 2, 15
AT_ONCE = 8  # images through a network between two looks at the clock
CENTRE = 0.25  # where the middle half of a side begins
# seconds that must be left for a network to be made and looked into: a large backbone's is read from its file; choice
NETWORK_S: Final = {"pretrained": 10.0}
OWN_NETWORK_S = 2.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def interpret_images(
    run: Run, intake: Intake, trainer: NetworkTrainer, clock: Clock, *, pictures: Path
) -> Interpretation:
    """Draw pictures of a run's model, and say what they show; pictures that fail or have no time are named.

    Parameters
    ----------
    clock : Clock
        When nothing is left of it, what is known by then is returned.
    pictures : Path
        Folder of the pictures, which is made.
    """
    began = time.monotonic()
    members = chosen_members(run)
    rows, predicted = ensemble_out_of_fold(members, trainer.data, trainer.memory)
    held = HeldOut(rows=rows, y=trainer.data.y[rows], said=predicted, classes=run.schema.classes)
    look = _Look(run=run, intake=intake, trainer=trainer, held=held, album=Album(folder=pictures, clock=clock))
    look.draw_mistakes()
    share = look.draw_inside(members[0])
    said = Predicted(y=held.y, weight=np.ones(len(held.rows), "float32"), said=held.said)
    names = intake.images.source.name if intake.images is not None else str
    measured = intake.images.measured.take(held.rows) if intake.images is not None else None
    return Interpretation(
        n_rows=len(held.rows),
        n_networks=len(members),
        unit="log loss" if held.classes else "squared error",
        loss=float(row_losses(said, trainer.target_scale(0)).mean()),
        seconds=time.monotonic() - began,
        images=ImageLook(
            n_wrong=int(held.is_wrong.sum()) if held.classes else 0,
            pictures=tuple(look.album.drawn),
            skipped=tuple(look.album.skipped),
            confusions=confusions(held),
            mistakes=tuple(
                ImageMistake(
                    name=names(int(held.rows[i])),
                    truth=held.truth_text(i),
                    predicted=held.predicted_text(i),
                    probability=float(held.certainty[i]) if held.classes else None,
                )
                for i in look.mistakes.tolist()
            ),
            traits=traits(measured, held.is_wrong) if measured is not None else (),
            centre_share=share,
            n_activations=look.n_activations,
        ),
    )


def centre_share(maps: Floats, size: tuple[int, int]) -> float | None:
    """Return the mean share of class activation maps (n, h, w) in the middle quarter of an image's area.

    Parameters
    ----------
    size : (height, width)
        Of the images that the maps are brought to.

    Returns
    -------
    float or None
        0.25 where the activation lies evenly; None where no map has any.
    """
    height, width = size
    rows = slice(round(CENTRE * height), round((1 - CENTRE) * height))
    columns = slice(round(CENTRE * width), round((1 - CENTRE) * width))
    large = [stretched(own, size) for own in maps if own.sum() > 0]
    return float(np.mean([own[rows, columns].sum() / own.sum() for own in large])) if large else None


@dataclass(slots=True, kw_only=True)
class _Look:
    run: Run
    intake: Intake
    trainer: NetworkTrainer
    held: HeldOut
    album: Album
    mistakes: Ints = field(init=False)
    examples: tuple[tuple[str, Ints], ...] = field(init=False)
    n_activations: int = 0

    def __post_init__(self) -> None:
        self.mistakes = most_confident(self.held, wrong=True, at_most=N_MISTAKES)
        right = most_confident(self.held, wrong=False, at_most=len(self.held.rows))
        words = ("wrong", "right") if self.held.classes else ("large errors", "small errors")
        # right ones of all certainties: the surest alone would be of one class
        self.examples = ((words[0], self.mistakes[:N_EXAMPLES]), (words[1], evenly(right, N_EXAMPLES)[:N_EXAMPLES]))

    def draw_mistakes(self) -> None:
        """Draw what needs no network."""
        if self.held.classes:
            self.album.add("Confusion matrix", "confusion.png", self._draw_matrix)
        else:
            self.album.skipped.append(("Confusion matrix", "the target is a number"))
        self.album.add("Most confident mistakes", "mistakes.png", self._draw_sheet)

    def draw_inside(self, member: Member) -> float | None:
        """Draw what one network sees; return the share of its class activation in the centre."""
        titles = ("Grad-CAM", "Embeddings", "First layer", "Saliency")
        least_s = NETWORK_S.get(member.recipe.family, OWN_NETWORK_S)
        if not self.album.has_time(least_s):
            self.album.skipped.extend((title, "no time was left") for title in titles)
            return None
        network = ImageNetwork(self.trainer.network(member.recipe, member.fit.key))
        shares: list[float | None] = []
        rows = np.flatnonzero(np.isin(self.held.rows, self.trainer.data.fold(member.fit.fold).validation))
        draws: tuple[Draw, ...] = (
            lambda path: shares.append(self._draw_activations(network, rows, path)),
            lambda path: self._draw_plane(network, rows, path),
            lambda path: self._draw_first(network, path),
            lambda path: self._draw_saliency(network, path),
        )
        for title, file, draw in zip(titles, ("grad_cam", "embeddings", "first_layer", "saliency"), draws, strict=True):
            self.album.add(title, f"{file}.png", draw)
        return shares[0] if shares else None

    def _draw_matrix(self, path: Path) -> None:
        counts, n = confusion_counts(self.held), len(self.held.classes)
        off = counts - np.diag(np.diag(counts))
        involved = off.sum(axis=0) + off.sum(axis=1)
        kept = np.sort(np.argsort(-involved, kind="stable")[:MOST_MATRIX_CLASSES]) if n else np.zeros(0, np.int64)
        examples = {}
        for i, truth in enumerate(kept.tolist()):
            for j, said in enumerate(kept.tolist()):
                places = np.flatnonzero((self.held.y == truth) & (self.held.codes == said))
                if len(places):
                    examples[i, j] = self._pixels(places[np.argsort(-self.held.certainty[places])][:1])[0]
        draw_matrix(counts[np.ix_(kept, kept)], [self.held.classes[i] for i in kept], examples, path)

    def _draw_sheet(self, path: Path) -> None:
        if not len(self.mistakes):
            raise NotShown("there is no mistake")
        heading = f"Most confident mistakes, of {len(self.held.rows):,} images" if self.held.classes else "Large errors"
        draw_tiles([(heading, self._tiles(self.mistakes, self._pixels(self.mistakes)))], path, n_across=N_ACROSS)

    def _draw_activations(self, network: ImageNetwork, rows: Ints, path: Path) -> float | None:
        strips = []
        for title, places in self.examples:
            heat = self._in_slices(lambda own: network.activation(self._pixels(own), self._codes(own)), places)
            pictures = [heat_over(p, h) for p, h in zip(self._pixels(places), heat, strict=True)]
            size = f", on a map of {heat[0].shape[0]} x {heat[0].shape[1]} places" if heat else ""
            heading = f"{title}: what speaks for the prediction, red the most{size}"
            strips.append((heading, self._tiles(places, pictures)))
        draw_tiles(strips, path, n_across=N_ACROSS)
        sample = evenly(rows, N_ACTIVATIONS)[:N_ACTIVATIONS]
        maps: list[Floats] = []
        for i in range(0, len(sample), AT_ONCE):
            if not self.album.has_time():
                break
            own = sample[i : i + AT_ONCE]
            maps.extend(network.activation(self._pixels(own), self._codes(own)))
        self.n_activations = sum(1 for own in maps if own.sum() > 0)
        height, width, _ = self.trainer.shape.image
        return centre_share(np.array(maps), (height, width)) if maps else None

    def _draw_plane(self, network: ImageNetwork, rows: Ints, path: Path) -> None:
        embedder, shown = network.embedder(), np.random.default_rng(self.run.config.seed).permutation(rows)
        found: list[Floats] = []
        for i in range(0, min(len(shown), MOST_POINTS), AT_ONCE):
            if not self.album.has_time():
                break
            found.append(network.embeddings(embedder, self._pixels(shown[i : i + AT_ONCE][: MOST_POINTS - i])))
        n = sum(len(own) for own in found)
        if n < min(LEAST_POINTS, len(shown)):
            raise NoTime
        plane = on_plane(np.concatenate(found), left_s=self.album.clock.left_s(), seed=self.run.config.seed)
        kept = shown[:n]
        map_ = PointMap(
            points=plane.points,
            codes=self._truth_codes(kept),
            is_ringed=self.held.is_wrong[kept],
            names=self.held.classes or ("lowest fifth", "second", "third", "fourth", "highest fifth"),
            heading=f"{n:,} images as the network's last layer is given them, brought to a plane by {plane.method}",
            ring=self.held.wrong_text,
        )
        draw_points(map_, path)

    def _draw_first(self, network: ImageNetwork, path: Path) -> None:
        strips, places = [], np.array([own[0] for _, own in self.examples if len(own)], np.int64)[:N_FIRST_IMAGES]
        pixels = self._pixels(places)
        for place, image, maps in zip(places.tolist(), pixels, network.first_maps(pixels), strict=True):
            shown = [Tile(pixels=grey(maps[..., i])) for i in range(min(maps.shape[-1], N_FIRST_MAPS))]
            strips.append((f"first layer, {self._name(place)}", [Tile(pixels=image), *shown]))
        draw_tiles(strips, path, n_across=N_ACROSS)

    def _draw_saliency(self, network: ImageNetwork, path: Path) -> None:
        strips, seed = [], self.run.config.seed
        for title, places in self.examples:
            maps = self._in_slices(lambda own: network.saliency(self._pixels(own), self._codes(own), seed=seed), places)
            plain = [Tile(pixels=p) for p in self._pixels(places)]
            strips.append((f"{title}: below each image, in white, the pixels that move the prediction", plain))
            strips.append(("", self._tiles(places, [grey(m) for m in maps])))
        draw_tiles(strips, path, n_across=N_ACROSS)

    def _in_slices(self, of: Callable[[Ints], Floats], places: Ints) -> list[Floats]:
        found: list[Floats] = []
        for i in range(0, len(places), AT_ONCE):
            if not self.album.has_time():
                raise NoTime
            found.extend(of(places[i : i + AT_ONCE]))
        return found

    def _tiles(self, places: Ints, pictures: list[NDArray[np.uint8]] | NDArray[np.uint8]) -> list[Tile]:
        return [
            Tile(pixels=p, name=self._name(i), lines=self._caption(i))
            for i, p in zip(places.tolist(), pictures, strict=True)
        ]

    def _caption(self, place: int) -> tuple[str, str]:
        sure = f", {100 * self.held.certainty[place]:.0f}\N{NO-BREAK SPACE}%" if self.held.classes else ""
        return f"is {self.held.truth_text(place)}", f"predicted {self.held.predicted_text(place)}{sure}"

    def _name(self, place: int) -> str:
        row = int(self.held.rows[place])
        return self.intake.images.source.name(row) if self.intake.images is not None else str(row)

    def _pixels(self, places: Ints) -> NDArray[np.uint8]:
        """Return the images (n, height, width, channels) at these places; the file is read in its order."""
        rows = self.held.rows[places]
        order = np.argsort(rows, kind="stable")
        found = np.empty((len(rows), *self.trainer.shape.image), np.uint8)
        found[order] = self.trainer.data.x[PIXELS][rows[order]]
        return found

    def _codes(self, places: Ints) -> Ints:
        return self.held.codes[places] if self.held.classes else np.ones(len(places), np.int64)

    def _truth_codes(self, places: Ints) -> Ints:
        """Return the true classes; of a number which fifth of the images looked at it is in."""
        y = self.held.y[places]
        if self.held.classes:
            return y.astype(np.int64)
        return np.searchsorted(np.quantile(self.held.y.astype(float), [0.2, 0.4, 0.6, 0.8]), y.astype(float))
