"""The first stage: rows or images are looked at, and the run keeps what was found."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from autorecipe.intake import Intake
from autorecipe.profile.image_profile import profile_images
from autorecipe.profile.profile import profile
from autorecipe.record.profile import Profile
from autorecipe.record.run import DataSummary, Run
from autorecipe.record.stage import StageResult

QUESTION = "What is this data like?"


def profiled(run: Run, intake: Intake, *, pictures: str = "", called: str = "") -> Run:
    """Return a run with its profile.

    Parameters
    ----------
    pictures : str
        Folder for contact sheets of images; "" draws none.
    called : str
        How the profile names this folder; "" as it is.

    Raises
    ------
    OSError
        When a contact sheet cannot be written.
    """
    if intake.images is not None:
        folder = Path(pictures) if pictures else None
        found = profile_images(intake, run.config, pictures=folder, called=called or pictures.rstrip("/"))
    else:
        found = _profile_rows(run, intake)
    result = StageResult(stage="profile", question=QUESTION, seconds=found.seconds)
    return dataclasses.replace(run, profile=found, stages=(result,))


def _profile_rows(run: Run, intake: Intake) -> Profile:
    split = intake.split
    seen = split.training_rows
    # beside given test rows, validation rows that were drawn here would blur what is compared
    held = split.test if run.config.test_path else np.setdiff1d(np.arange(len(intake.frame)), seen)
    found = profile(
        intake.frame.iloc[seen],
        other_frame=intake.frame.iloc[held] if len(held) else None,
        schema=intake.schema,
        config=run.config,
        row_numbers=intake.row_numbers[seen],
        n_scored=len(split.folds[0].validation) if split.scheme == "holdout" else None,
        near_rows=intake.near_rows,
        n_without_target=intake.n_without_target,
    )
    return _said_sampled(found, intake.data) if intake.data.sampled_from else found


def _said_sampled(found: Profile, data: DataSummary) -> Profile:
    """Say of each check that it looked at a sample of the table."""
    said = f"on a sample of {data.n_rows:,} of {data.sampled_from:,} rows"
    outcomes = (
        dataclasses.replace(outcome, reason=f"{said}; {outcome.reason}" if outcome.reason else said)
        for outcome in found.outcomes
    )
    return dataclasses.replace(found, outcomes=tuple(outcomes))
