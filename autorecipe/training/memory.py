"""Where finished fits are kept, as the trainer needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autorecipe.record.trial import Fit


class FitMemory(Protocol):
    """Remembers fits by their key; `autorecipe.store.directory.RunDirectory` is one on disk."""

    @property
    def arrays_path(self) -> Path:
        """A folder for arrays that can be made again: decoded images above 512 MiB, what backbones make of them."""

    def save_fit(
        self,
        key: str,
        fit: Fit,
        *,
        predictions: dict[str, NDArray[np.generic]],
        weights: list[NDArray[np.generic]] | None,
    ) -> None:
        """Keep a finished fit."""

    def load_fit(self, key: str) -> Fit | None:
        """Return a finished fit, or None."""

    def load_predictions(self, key: str) -> dict[str, NDArray[np.generic]]:
        """Return the arrays saved with a fit."""

    def load_weights(self, key: str) -> list[NDArray[np.generic]]:
        """Return the weights saved with a fit."""
