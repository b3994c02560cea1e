from __future__ import annotations

import dataclasses
import shutil
import subprocess

import pytest

from autorecipe.beginning import begin, same_rows, with_kept_split
from autorecipe.config import Config
from autorecipe.data.near_rows import NearRows
from autorecipe.data.split import save_split
from autorecipe.errors import UserError
from autorecipe.intake import take_in

ROWS = "size,town,sold\n" + "".join(
    f"{i}.5,{'Ulm' if i % 3 else 'Kiel'},{'yes' if i % 2 else 'no'}\n" for i in range(60)
)
CONFIG = Config(target="sold")
NEAR = NearRows(n_compared=9, n_near=3, by_chance=0.0, is_same_target=True, rows=(1,), radius=0.1, n_clusters=2)


def begun(folder):
    (folder / "houses.csv").write_text(ROWS, encoding="utf-8")
    return begin(take_in(str(folder / "houses.csv"), CONFIG), CONFIG)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_run_records_the_commit_of_the_users_code_beside_the_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *words], check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    run = begun(tmp_path)
    assert run.git_commit == commit
    assert run.data.fingerprint
    assert dict(run.environment).keys() >= {"python", "tensorflow", "keras"}


def test_outside_a_repository_no_commit_is_recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert begun(tmp_path).git_commit == ""


def test_a_run_goes_on_with_the_split_that_its_directory_keeps(tmp_path):
    run = begun(tmp_path)
    path, other = str(tmp_path / "houses.csv"), Config(target="sold", seed=5)
    kept = take_in(path, other).split
    drawn = same_rows(run, CONFIG, tmp_path / "nothing-kept").split
    save_split(tmp_path / "split.npz", kept)
    assert same_rows(run, CONFIG, tmp_path).split.test.tolist() == kept.test.tolist() != drawn.test.tolist()


def test_near_copies_are_looked_for_anew_across_a_split_that_was_drawn_otherwise(tmp_path):
    intake = dataclasses.replace(take_in(begun(tmp_path).data.path, CONFIG), near_rows=NEAR)
    save_split(tmp_path / "split.npz", intake.split)
    assert with_kept_split(intake, tmp_path).near_rows is NEAR
    save_split(tmp_path / "split.npz", take_in(intake.data.path, Config(target="sold", seed=5)).split)
    assert with_kept_split(intake, tmp_path).near_rows is None


def test_a_split_of_other_rows_is_refused(tmp_path):
    begun(tmp_path)
    (tmp_path / "few.csv").write_text("\n".join(ROWS.splitlines()[:41]), encoding="utf-8")
    save_split(tmp_path / "split.npz", take_in(str(tmp_path / "few.csv"), CONFIG).split)
    intake = take_in(str(tmp_path / "houses.csv"), CONFIG)
    with pytest.raises(UserError, match="the run's split is of 40 rows, and 60 are read now"):
        with_kept_split(intake, tmp_path)
