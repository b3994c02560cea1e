"""The whole road: from a table to a run directory, and all that a run is used for afterwards."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from autorecipe import api
from autorecipe.cli import cli
from autorecipe.config import Config
from autorecipe.data.split import load_split
from autorecipe.errors import UserError
from autorecipe.recipe_yaml import from_yaml

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_in_this_process", "brief_runs")]
pytest.importorskip("tensorflow")

# plain nets on few rows: as much as eight seconds are enough for
HURRIED = Config(target="species", preset="quick", time_limit_s=8.0, families=("mlp",))
# the command line in a process that can be killed, with the plan that the runs of this process have
COMMAND = """
from conftest import brief_plan
from autorecipe.cli import main
with brief_plan():
    main()
"""


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def succeeded(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def files_with_times(directory):
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.stat().st_mtime_ns for path in files}


def fits_on_disk(directory):
    return {name: at for name, at in files_with_times(directory).items() if name.endswith("fit.json")}


def has_stage(directory, name):
    known = api.load_run(str(directory)) if (directory / "run.json").exists() else None
    return known is not None and known.stage(name) is not None


def copied(directory, tmp_path):
    return shutil.copytree(directory, tmp_path / "run")


@pytest.fixture(scope="module")
def flowers(tmp_path_factory):
    """100 rows of two iris species, with a weight and a group for each."""
    from sklearn.datasets import load_iris

    frame = load_iris(as_frame=True).frame.iloc[50:].reset_index(drop=True)
    frame.columns = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    frame = frame.drop(columns="petal_width").assign(species=np.where(frame.species == 1, "versicolor", "virginica"))
    frame = frame.assign(times=np.arange(100) % 3 + 1, meadow=[f"m{i % 20}" for i in range(100)])
    path = tmp_path_factory.mktemp("flowers") / "flowers.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_run_leaves_its_files(fitted):
    written = set(files_with_times(fitted.directory))
    assert written > {
        "run.json",
        "split.npz",
        "events.jsonl",
        "recipe.yaml",
        "profile.json",
        "metrics.json",
        "export/saved_model/1/saved_model.pb",
        "export/model.keras",
        "export/signature.json",
        "export/request.json",
        "export/README.md",
        "report.html",
        "report.md",
        "report.json",
    }
    assert not {name for name in written if name.endswith((".pkl", ".pickle", ".joblib", ".tmp"))}
    known = api.load_run(str(fitted.directory))
    metrics = json.loads((fitted.directory / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["scores"][0]["value"] == known.evaluation.scores[0].value
    assert dict(known.time.parts)["report"] > 0
    heaviest = max(known.stage("squeeze").ensemble.parts, key=lambda part: part.weight)
    assert from_yaml((fitted.directory / "recipe.yaml").read_text(encoding="utf-8")) == heaviest.recipe


def test_a_fresh_process_predicts_what_was_scored(fitted):
    parity = api.load_run(str(fitted.directory)).export.parity
    assert parity.cause == ""
    assert parity.passed
    assert (parity.n_rows, parity.n_mutated, parity.labels_differ) == (86, 20, 0)


def test_the_network_learned_something(fitted):
    scores = {s.metric: s for s in api.load_run(str(fitted.directory)).evaluation.scores}
    assert scores["roc_auc"].value > 0.9
    assert scores["roc_auc"].low <= scores["roc_auc"].value <= scores["roc_auc"].high


def said_in_the_end(fitted) -> str:
    """Return what the run said, without the word about the page that is of use while it grows alone."""
    return re.sub(r"^  report .*\n(?: {5}.*\n)*", "", fitted.said, count=1, flags=re.MULTILINE)


def test_the_same_command_again_shows_the_run_and_trains_nothing(fitted):
    before = files_with_times(fitted.directory)
    said = " ".join(succeeded(*fitted.command, "--out", fitted.directory).split())
    assert said.startswith("shows the finished run")
    assert said.endswith(" ".join(said_in_the_end(fitted).split()))
    assert files_with_times(fitted.directory) == before


def test_the_report_tells_what_was_said_while_it_ran(fitted):
    assert succeeded("report", fitted.directory) == said_in_the_end(fitted)


def test_the_report_for_a_program_is_the_run(fitted):
    told = json.loads(succeeded("report", fitted.directory, "--json"))
    assert told == json.loads((fitted.directory / "run.json").read_text(encoding="utf-8"))


def test_a_program_gets_the_profile_as_json(fitted):
    told = json.loads(succeeded("profile", fitted.table, "--json"))
    assert told["schema"]["target"] == "target"
    assert {"D010", "D015"} <= {finding["code"] for finding in told["profile"]["findings"]}


def test_predictions_carry_ids_labels_and_probabilities_in_the_order_of_the_rows(fitted, tmp_path):
    rows = pd.read_csv(fitted.table, dtype=str, keep_default_na=False)
    backwards, out = tmp_path / "new.csv", tmp_path / "out.csv"
    rows.iloc[::-1].drop(columns="target").assign(comment="not a column of the model").to_csv(backwards, index=False)
    assert succeeded("predict", fitted.directory, backwards, "-o", out) == ""
    written = rows_of(out.read_text(encoding="utf-8"))
    assert list(written[0]) == ["patient", "prediction", "probability_benign", "probability_malignant"]
    assert [row["patient"] for row in written] == rows.patient.tolist()[::-1]
    assert {row["prediction"] for row in written} == {"benign", "malignant"}
    straight = rows_of(succeeded("predict", fitted.directory, fitted.table))[::-1]
    for name in ("probability_benign", "probability_malignant"):
        expected, found = ([float(row[name]) for row in table] for table in (straight, written))
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_predicting_the_test_rows_gives_the_test_scores(fitted, tmp_path):
    test = load_split(fitted.directory / "split.npz").test
    pd.read_csv(fitted.table, dtype=str, keep_default_na=False).iloc[test].to_csv(tmp_path / "test.csv", index=False)
    again = api.evaluate_file(str(fitted.directory), str(tmp_path / "test.csv"))
    first = api.load_run(str(fitted.directory)).evaluation
    assert again.n_rows == first.n_rows
    for before, after in zip(first.scores, again.scores, strict=True):
        assert after.metric == before.metric
        assert after.value == pytest.approx(before.value, abs=1e-5)
    assert again.confusion == first.confusion


def test_rows_whose_answer_is_known_are_scored(fitted):
    said = succeeded("evaluate", fitted.directory, fitted.table)
    assert said.startswith(f"{fitted.table}, 571 rows: 37.5 % are 'malignant'\n  the model learned from ")
    assert "\n  ROC AUC" in said
    assert r"true \ predicted" in said


def test_rows_without_their_answer_cannot_be_scored(fitted, tmp_path):
    path = tmp_path / "new.csv"
    pd.read_csv(fitted.table).drop(columns="target").to_csv(path, index=False)
    with pytest.raises(UserError, match="the target 'target' is not among the 20 columns"):
        api.evaluate_file(str(fitted.directory), str(path))


def test_a_missing_column_is_named_when_predicting(fitted, tmp_path):
    path = tmp_path / "new.csv"
    pd.read_csv(fitted.table).rename(columns={"mean_radius": "mean_radios"}).to_csv(path, index=False)
    done = run("predict", fitted.directory, path)
    assert done.exit_code == 2
    assert "1 of 19 columns are missing: 'mean_radius'" in done.stderr
    assert "fix: rename 'mean_radios' to 'mean_radius'" in done.stderr


def test_a_word_among_numbers_is_named_with_its_row_when_predicting(fitted, tmp_path):
    path = tmp_path / "new.csv"
    rows = pd.read_csv(fitted.table, dtype=str)
    rows.loc[6, "mean_radius"] = "wide"
    rows.to_csv(path, index=False)
    done = run("predict", fitted.directory, path)
    assert done.exit_code == 2
    assert "column 'mean_radius' holds numbers, but 'wide' is none" in done.stderr
    assert "where: column 'mean_radius', row 7 " in done.stderr


def test_an_export_elsewhere_is_proved_again_and_touches_no_other_files(fitted, tmp_path):
    said = succeeded("export", fitted.directory, "--to", tmp_path / "model")
    assert "a fresh process without AutoRecipe predicts the same" in " ".join(said.split())
    assert (tmp_path / "model" / "saved_model" / "1" / "saved_model.pb").is_file()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine")
    done = run("export", fitted.directory, "--to", mine)
    assert (done.exit_code, [path.name for path in mine.iterdir()]) == (2, ["thesis.txt"])


def decided(stage):
    """What a stage came to, without its seconds."""
    tried = [(trial.name, trial.recipe, [fit.validation_score for fit in trial.fits]) for trial in stage.trials]
    return (stage.stage, tried, stage.decisions, stage.repairs, stage.confirmation, stage.findings, stage.end)


def test_a_killed_run_continues_and_ends_as_one_that_never_stopped(fitted, tmp_path):
    directory, unbroken = tmp_path / "run", api.load_run(str(fitted.directory))
    command = [sys.executable, "-c", COMMAND, *fitted.command, "--out", str(directory)]
    folders = (str(Path(__file__).parent), str(Path(api.__file__).parents[1]))
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    with subprocess.Popen(command, env=paths, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not has_stage(directory, "baseline"):
            assert process.poll() is None, "the run ended by itself"
            time.sleep(0.05)
        process.kill()
    finished = fits_on_disk(directory)
    broken_off = api.load_run(str(directory))
    assert finished
    assert broken_off.export is None
    result = api.fit(str(fitted.table), fitted.config, out=str(directory))
    assert result.continued
    assert result.note.startswith(f"continues {directory}")
    assert result.run.stages[: len(broken_off.stages)] == broken_off.stages
    assert [decided(stage) for stage in result.run.stages] == [decided(stage) for stage in unbroken.stages]
    assert {name: at for name, at in fits_on_disk(directory).items() if name in finished} == finished
    assert result.run.export.parity.passed
    assert result.run.evaluation == unbroken.evaluation
    assert result.run.recipe == unbroken.recipe


def test_more_time_keeps_the_stages_that_had_ended_and_what_was_trained(fitted, tmp_path):
    directory, unbroken = copied(fitted.directory, tmp_path), api.load_run(str(fitted.directory))
    finished = fits_on_disk(directory)
    succeeded("resume", directory, "--time-limit", "8s", "-q")
    again = api.load_run(str(directory))
    assert [stage.stage for stage in again.stages] == [stage.stage for stage in unbroken.stages]
    for name in ("profile", "baseline", "overfit", "regularize"):
        before, after = unbroken.stage(name), again.stage(name)
        assert (after.trials, after.decisions, after.seconds) == (before.trials, before.decisions, before.seconds)
    assert fits_on_disk(directory).items() >= finished.items()
    assert again.export.parity.passed
    assert again.test_opened == 2


def test_a_refit_on_all_rows_is_untested_and_leaves_the_tested_model(fitted, tmp_path):
    directory = copied(fitted.directory, tmp_path)
    before = (directory / "run.json").read_bytes()
    said = " ".join(succeeded("refit", directory).split())
    assert "export-all (untested: trained on all 569 rows that are not copies" in said
    assert "a fresh process without AutoRecipe predicts the same: 571 rows" in said
    assert (directory / "export-all" / "saved_model" / "1" / "saved_model.pb").is_file()
    assert (directory / "run.json").read_bytes() == before


def test_a_run_ends_after_the_stage_that_was_named(flowers, tmp_path):
    config = dataclasses.replace(HURRIED, until="overfit")
    known = api.fit(str(flowers), config, out=str(tmp_path / "run")).run
    assert [stage.stage for stage in known.stages] == ["profile", "baseline", "overfit"]
    assert (known.export, known.evaluation) == (None, None)
    assert api.fit(str(flowers), config, out=str(tmp_path / "run")).shown
    with pytest.raises(UserError, match=r"no exported model yet\nwhere: .*\nfix: fit without --until"):
        api.predict_file(str(tmp_path / "run"), str(flowers))


def test_a_recipe_is_trained_without_searching_and_tested_on_a_file_of_its_own(flowers, fitted, tmp_path):
    recipe = from_yaml((fitted.directory / "recipe.yaml").read_text(encoding="utf-8"))
    rows = pd.read_csv(flowers)
    rows.iloc[::4].to_csv(tmp_path / "test.csv", index=False)
    rows.drop(index=rows.index[::4]).to_csv(tmp_path / "train.csv", index=False)
    config = dataclasses.replace(HURRIED, recipe=recipe, test_path=str(tmp_path / "test.csv"), weight="times")
    known = api.fit(str(tmp_path / "train.csv"), config, out=str(tmp_path / "run")).run
    assert [stage.stage for stage in known.stages] == ["profile", "baseline", "tune", "squeeze"]
    assert [trial.recipe for trial in known.stage("tune").trials] == [recipe]
    assert (known.split.n_test, known.evaluation.rows, known.evaluation.n_rows) == (25, "test", 25)
    assert {c.name for c in known.schema.columns if c.role == "weight"} == {"times"}
    assert known.export.parity.passed


def test_without_a_test_scores_are_out_of_fold_and_groups_stay_together(flowers, fitted, tmp_path):
    recipe = api.load_run(str(fitted.directory)).recipe
    config = dataclasses.replace(HURRIED, recipe=recipe, test_share=0.0, split_by_group="meadow")
    known = api.fit(str(flowers), config, out=str(tmp_path / "run")).run
    assert (known.split.n_test, known.test_opened, known.evaluation.rows) == (0, 0, "out of fold")
    said = " ".join(succeeded("report", tmp_path / "run").split())
    assert "no untouched rows, so" in said
    assert "Out of fold, 100 rows: no rows were locked away" in said
    meadow = pd.read_csv(flowers).meadow
    for fold in load_split(tmp_path / "run" / "split.npz").folds:
        assert not set(meadow[fold.train]) & set(meadow[fold.validation])


def test_a_directory_with_other_flags_is_refused(fitted):
    before = files_with_times(fitted.directory)
    with pytest.raises(UserError, match=r"holds a run with other flags: --seed was 0, now 5"):
        api.fit(str(fitted.table), dataclasses.replace(fitted.config, seed=5), out=str(fitted.directory))
    assert files_with_times(fitted.directory) == before


def test_a_table_that_changed_is_not_resumed(fitted, tmp_path):
    directory, read = copied(fitted.directory, tmp_path), api.load_run(str(fitted.directory)).data.path
    text = (directory / "run.json").read_text(encoding="utf-8")
    changed = tmp_path / "changed.csv"
    changed.write_text(Path(read).read_text(encoding="utf-8").replace("5.1", "5.2"), encoding="utf-8")
    (directory / "run.json").write_text(text.replace(json.dumps(read), json.dumps(str(changed))))
    with pytest.raises(UserError, match="has changed since the run began"):
        api.resume(str(directory), time_limit_s=5.0)
