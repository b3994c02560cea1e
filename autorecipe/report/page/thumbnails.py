"""Pictures of a run's directory as small JPEGs that a page carries in itself."""

from __future__ import annotations

import base64
import functools
import io
from pathlib import Path

from autorecipe.report.page.value import Picture

LONGEST_SIDE = 1_000  # pixels: sharp at the width of the page's text; choice
QUALITY = 72  # of JPEG: no worse to be seen at half the bytes of 85; choice
BUDGET_BYTES = 1_300_000  # of all pictures, in base64: with the rest the page stays below 3 MB


class Thumbnails:
    """Gives pictures out until the page is full.

    Parameters
    ----------
    directory : Path or None
        The run's; None where no images are shown.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._left_bytes = BUDGET_BYTES

    def of(self, pictures: tuple[tuple[str, str], ...]) -> tuple[Picture, ...]:
        """Return pictures, given as (title, path below the directory), those that exist; none where none is shown."""
        directory = self._directory
        if directory is None:
            return ()
        return tuple(self._one(title, path, directory) for title, path in pictures if (directory / path).is_file())

    def _one(self, title: str, path: str, directory: Path) -> Picture:
        file = directory / path
        status = file.stat()
        data, width, height = _jpeg(str(file), status.st_mtime_ns, status.st_size)
        uri = f"data:image/jpeg;base64,{data}" if data and len(data) <= self._left_bytes else ""
        self._left_bytes -= len(data) if uri else 0
        return Picture(title=title, alt=f"Picture: {title}", path=path, uri=uri, width=width, height=height)


@functools.lru_cache(maxsize=64)
def _jpeg(path: str, changed_ns: int, n_bytes: int) -> tuple[str, int, int]:
    """Return a picture as JPEG in base64, with its width and height; "" where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except OSError:  # what Pillow raises for what is no picture, too
        return "", 0, 0
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE * 3))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode(), small.width, small.height
