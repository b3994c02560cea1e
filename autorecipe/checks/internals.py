"""What checks of a network's layers share: the pair of ends, and severity by symptom."""

from __future__ import annotations

from autorecipe.checks.curves import symptom
from autorecipe.checks.training_check import Verdict
from autorecipe.checks.verdicts import Voice
from autorecipe.evidence import Evidence
from autorecipe.record.network_readings import Internals, LayerReading


def first_and_last(internals: Internals) -> tuple[LayerReading, LayerReading] | None:
    """Return the trained layers at both ends; None below two. A layer straight from end to end is neither."""
    trained = [layer for layer in internals.layers if layer.is_trained]
    along = [layer for layer in trained if not (layer.is_first and layer.is_last)]
    return (along[0], along[-1]) if len(along) > 1 else None


def gated(
    voice: Voice, evidence: Evidence, message: str, *, remedy: str, measured: float | None, limit: float | None
) -> Verdict:
    """Return a warning that asks for a repair where the network also learns badly, else a piece of information.

    Zhang et al. (2021), AutoTrainer, ICSE: layers that look odd in a network that learns well need no repair.
    """
    sign = symptom(evidence)
    if sign:
        return voice.says(
            "warn", f"{message}, and {sign}", remedy=remedy, action="repair", measured=measured, limit=limit
        )
    kept = "nothing, as long as the network learns well"
    return voice.says("info", message, remedy=kept, measured=measured, limit=limit)
