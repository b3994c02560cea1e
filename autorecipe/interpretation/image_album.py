"""Pictures of a run: drawn one by one as long as there is time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autorecipe.effects import Clock
from autorecipe.interpretation.image_network import NotShown

LEAST_S = 0.5  # seconds that must be left for one more picture; choice

Draw = Callable[[Path], None]


class NoTime(RuntimeError):
    """There was no time left for a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """Draws pictures as long as there is time, and keeps their titles.

    Attributes
    ----------
    folder : Path
        Below the run's directory.
    drawn : list of (title, path)
        Paths below the run's directory.
    skipped : list of (title, reason)
    """

    folder: Path
    clock: Clock
    drawn: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def has_time(self, least_s: float = LEAST_S) -> bool:
        """Tell whether more than so many seconds are left, and the user has not asked to stop."""
        return self.clock.left_s() > least_s and not self.clock.interrupted()

    def add(self, title: str, file: str, draw: Draw) -> None:
        """Draw a picture to a file of the folder, or keep the reason why not."""
        if not self.has_time():
            self.skipped.append((title, "no time was left"))
            return
        try:
            draw(self.folder / file)
        except NoTime:
            self.skipped.append((title, "no time was left"))
        except NotShown as error:
            self.skipped.append((title, str(error)))
        except Exception as error:  # as with probes: one picture never ends a run, its cause is shown
            self.skipped.append((title, f"{type(error).__name__}: {error}".splitlines()[0]))
        else:
            self.drawn.append((title, f"{self.folder.name}/{file}"))
