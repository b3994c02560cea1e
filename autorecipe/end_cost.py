"""How long do evaluating, exporting and reporting take?"""

from __future__ import annotations

from autorecipe.ensemble.serving_cost import default_image_rate
from autorecipe.record.run import Run
from autorecipe.stages.portfolio import image_of

REPORT_S = 2.0  # seconds to draw the whole report once more at the end; measured on 2 cores
EXPORT_S = 4.0  # seconds to join, write and load a model of five members; measured on 2 cores
EVALUATE_ROW_S = 3e-5  # seconds of a row of the table to be scored and resampled (measured: 32 s for 1,000,000 rows)
# images that the proof and the mutations send through the model besides those of the test, and how many times the rate
# that an ensemble is held to it usually serves: it is seldom as slow as it may be; choice
N_PROVED_IMAGES, USUAL_RATE = 300, 3
# that must be left after the export to look into the model, on an idle machine; measured on tables of 12 columns
LEAST_LOOK_S = 2.0


def ending_s(run: Run) -> float:
    """Return the seconds that the end of a run takes on an idle machine, besides starting the proof's process.

    Enough rather than exact: five networks of a table of 20,000 rows took 4.3 s of 6.6, a look into them included.
    """
    return REPORT_S + EXPORT_S + EVALUATE_ROW_S * run.data.n_rows + _images_s(run)


def _images_s(run: Run) -> float:
    """Return the seconds that test images take through the final model, besides what a row of a table takes."""
    if run.schema.modality == "table":
        return 0.0
    return (run.split.n_test + N_PROVED_IMAGES) / (USUAL_RATE * default_image_rate(image_of(run)))
