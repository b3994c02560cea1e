"""Images with a split of their own: parts that folders or arrays name, and test images given beside."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from autorecipe.config import Config
from autorecipe.data.image_files import join
from autorecipe.data.image_source import LABEL_COLUMN, ImageMeasurements, ReadImages
from autorecipe.data.tables import Table
from autorecipe.errors import UserError, nearest


def with_parts(table: Table, config: Config) -> Table:
    """Return the table with the parts that it is to be split by: its own, unless another share is asked for.

    Parameters
    ----------
    config : Config
        A `test_share` that was asked for shares all images out anew.
    """
    if table.images is None or not table.images.parts:
        return table
    if config.test_path or config.test_share is None:
        return table
    images = dataclasses.replace(table.images, parts=())
    note = f"its own parts are left aside: --test {config.test_share:g} shares the images out anew"
    return dataclasses.replace(table, images=images, notes=(*table.notes, note))


def join_test(table: Table, test: Table) -> ReadImages | None:
    """Return the images of a table followed by those of its test rows; None for a table without images.

    Raises
    ------
    UserError
        When the test rows have no images, or folders of classes that the others have not.
    """
    own = table.images
    if own is None:
        return None
    if test.images is None:
        raise UserError(
            f"'{test.name}' names no images, as '{table.name}' does",
            where=f"--test {test.path}",
            fix="give test images in the form of the others",
        )
    _check_classes(table, test)
    n_own, n_test = len(table.frame), len(test.frame)
    return join_images(own, test.images, parts=(*(own.parts or ("train",) * n_own), *("test",) * n_test))


def _check_classes(table: Table, test: Table) -> None:
    labels, of_test = (t.frame.get(LABEL_COLUMN) for t in (table, test))
    if of_test is None or labels is None or not isinstance(of_test.dtype, pd.CategoricalDtype):
        return
    classes = sorted({str(label) for label in labels})
    unknown = sorted({str(label) for label in of_test} - set(classes))
    if unknown:
        near = nearest(unknown[0], classes)
        raise UserError(
            f"the test images are of a class '{unknown[0]}' that '{table.name}' has not",
            where=f"--test {test.path}",
            fix=f"is it '{near}'?" if near else f"the classes are {', '.join(classes)}",
        )


def join_images(first: ReadImages, second: ReadImages, *, parts: tuple[str, ...] = ()) -> ReadImages:
    """Return the images of two tables, one after the other."""
    both = {
        field: np.concatenate([getattr(first.measured, field), getattr(second.measured, field)])
        for field in ImageMeasurements.__slots__
    }
    return ReadImages(
        source=join(first.source, second.source),
        measured=ImageMeasurements(**both),
        unreadable=(*first.unreadable, *second.unreadable),
        parts=parts,
        pixel_scale=first.pixel_scale,
    )
