"""The last lines of a run of images speak of images."""

from __future__ import annotations

import dataclasses

from autorecipe.data.schema import Column
from autorecipe.record.run import Export, Parity
from autorecipe.report.console import as_text
from autorecipe.report.text_closing import closing_lines
from autorecipe.testing import make_run


def test_speed_proof_and_use_are_those_of_images():
    parity = Parity(passed=True, n_rows=100, n_mutated=20, max_difference=0.0, labels_differ=0, seconds=1.0)
    export = Export(
        path="runs/a/export",
        n_members=1,
        n_parameters=10,
        size_bytes=10,
        parity=parity,
        rows_per_s=412.0,
        one_row_ms=5.2,
        modality="image",
    )
    run = make_run(task="multiclass")
    columns = (Column(name="image", kind="image", wire="string"), *run.schema.columns)
    run = dataclasses.replace(run, export=export, schema=dataclasses.replace(run.schema, columns=columns))
    text = " ".join(as_text(closing_lines(run, "runs/a")).split())
    assert "serves 410 images/s, one image in 5.2 ms" in text
    assert "100 images and 20 mutated ones" in text
    assert "autorecipe predict runs/a FOLDER" in text
