from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from autorecipe import api
from autorecipe.change import Change
from autorecipe.cli import cli
from autorecipe.config import Cost
from autorecipe.errors import StopFindings, UserError
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import to_yaml
from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.record.finding import Finding
from autorecipe.record.stage import Idea
from autorecipe.record.trial import Decision, Fit, Trial
from autorecipe.testing import make_run


@pytest.fixture
def calls(monkeypatch):
    """What `fit` was asked for, instead of a run that takes minutes."""
    asked = []

    def fit(source, config, *, out, new, progress, start):
        asked.append((source, config, out, new, start))
        return api.FitResult(run=make_run(), directory=Path("runs/shop-1"))

    monkeypatch.setattr(api, "fit", fit)
    return asked


def run(*words, stdin=None):
    return CliRunner().invoke(cli, list(words), input=stdin)


def test_the_help_says_that_weights_may_be_of_any_images():
    assert "images of any kind" in " ".join(run("fit", "--help").output.split())


def raising(error):
    def broken(*args, **flags):
        raise error

    return broken


def test_every_flag_reaches_the_config(calls, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(to_yaml(Recipe(width=32)), encoding="utf-8")
    words = (
        "fit shop.csv --out runs/x --new --target bought --task binary --metric f1 --loss focal "
        "--time-limit 2m --preset quick --test 0.2 --type a=text --type b=id --drop c --drop d --keep e "
        "--id f --weight g --positive yes --split-by-group h --split-by-time i --allow D013:j "
        "--cost fn=5,fp=1 --until tune "
        f"--no-header --seed 7 --recipe {recipe} --search random --tensorboard runs/curves --histograms -q"
    )
    result = run(*words.split())
    assert (result.exit_code, result.output) == (0, "")
    ((source, config, out, new, start),) = calls
    assert (source, out, new, start) == ("shop.csv", "runs/x", True, "process")
    assert dataclasses.asdict(config) == dataclasses.asdict(config) | {
        "target": "bought",
        "task": "binary",
        "metric": "f1",
        "loss": "focal",
        "preset": "quick",
        "time_limit_s": 120.0,
        "test_share": 0.2,
        "test_path": "",
        "seed": 7,
        "types": (("a", "text"), ("b", "id")),
        "drop": ("c", "d"),
        "keep": ("e",),
        "ids": ("f",),
        "allow": ("D013:j",),
        "weight": "g",
        "positive": "yes",
        "split_by_group": "h",
        "split_by_time": "i",
        "until": "tune",
        "has_header": False,
        "search": "random",
        "tensorboard": "runs/curves",
        "histograms": True,
        "architecture": None,
    }
    assert config.cost == Cost(fn=5.0, fp=1.0)
    assert config.recipe == Recipe(width=32)


@pytest.mark.parametrize(("preset", "seconds"), [("quick", 60.0), ("standard", 600.0), ("thorough", 3600.0)])
def test_the_preset_sets_the_time_limit(calls, preset, seconds):
    run("fit", "shop.csv", "--preset", preset)
    assert calls[0][1].time_limit_s == seconds


def test_a_finished_run_is_told_again(monkeypatch):
    shown = api.FitResult(run=make_run(), directory=Path("runs/shop-1"), shown=True)
    monkeypatch.setattr(api, "fit", lambda *args, **flags: shown)
    assert "shop  600 rows x 3 columns" in run("fit", "shop.csv").output


def test_a_program_gets_the_run_as_json(calls):
    answer = json.loads(run("fit", "shop.csv", "--json").stdout)
    assert answer["directory"] == "runs/shop-1"
    assert answer["run"]["schema"]["target"] == "bought"


def test_bad_input_is_a_message_with_exit_2_and_no_traceback(monkeypatch):
    error = UserError("no column 'pirce'", where="--target", fix="did you mean 'price'?")
    monkeypatch.setattr(api, "fit", raising(error))
    result = run("fit", "shop.csv", "--target", "pirce")
    assert result.exit_code == 2
    assert result.stderr == ("autorecipe: no column 'pirce'\nwhere: --target\nfix: did you mean 'price'?\n")
    assert result.stdout == ""


def test_debug_shows_the_traceback(monkeypatch):
    monkeypatch.setattr(api, "fit", raising(UserError("no such column")))
    assert isinstance(run("fit", "shop.csv", "--debug").exception, UserError)


def test_a_stop_ends_with_3_and_one_finished_command(monkeypatch):
    finding = Finding(code="D013", severity="stop", title="leak", message="Score gives the target away")
    error = StopFindings((finding,), "autorecipe fit audit.csv --target Risk --drop Score")
    monkeypatch.setattr(api, "fit", raising(error))
    result = run("fit", "audit.csv")
    assert result.exit_code == 3
    assert "Score gives the target away" in result.stderr
    assert result.stderr.endswith("go on with\n  autorecipe fit audit.csv --target Risk --drop Score\n")


def test_a_program_gets_the_stop_as_json(monkeypatch):
    finding = Finding(code="D013", severity="stop", title="leak", message="Score gives the target away")
    monkeypatch.setattr(api, "fit", raising(StopFindings((finding,), "autorecipe fit audit.csv")))
    result = run("fit", "audit.csv", "--json")
    error = json.loads(result.stdout)["error"]
    assert result.exit_code == 3
    assert (error["command"], error["findings"][0]["code"]) == ("autorecipe fit audit.csv", "D013")


def test_ctrl_c_ends_with_130(monkeypatch):
    monkeypatch.setattr(api, "fit", raising(KeyboardInterrupt()))
    result = run("fit", "shop.csv")
    assert (result.exit_code, result.stderr) == (
        130,
        "autorecipe: interrupted; the same command goes on where it stopped\n",
    )


def test_a_missing_target_is_asked_for_at_a_terminal(monkeypatch):
    targets = []

    def fit(source, config, **flags):
        targets.append(config.target)
        if not config.target:
            raise UserError("which column is the target? Likely: a, b", where="--target")
        return api.FitResult(run=make_run(), directory=Path("runs/shop-1"))

    monkeypatch.setattr(api, "fit", fit)
    monkeypatch.setattr("autorecipe.cli.is_terminal", lambda: True)
    result = run("fit", "shop.csv", stdin="bought\n")
    assert result.exit_code == 0
    assert "Likely: a, b\nWhich column is to be predicted: bought" in result.stdout
    assert targets == ["", "bought"]


def test_a_missing_target_is_an_error_elsewhere(monkeypatch):
    monkeypatch.setattr(api, "fit", raising(UserError("which column is the target?", where="--target")))
    assert run("fit", "shop.csv", stdin="bought\n").exit_code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fitt"], "did you mean: autorecipe fit"),
        (["fit", "x.csv", "--time-limt", "2m"], "--time-limit"),
        (["fit", "x.csv", "--task", "clustering"], "'binary'"),
        (["fit"], "DATA is missing\nwhere: autorecipe fit\nfix: write autorecipe fit [OPTIONS] DATA"),
        (["--jsn"], "there is no option '--jsn'\nwhere: autorecipe"),
        (["rule", "D001", "D002"], "too many words: 'D002'\nwhere: autorecipe rule\nfix: write autorecipe rule"),
        (["fit", "x.csv", "--seed"], "'--seed' requires an argument\nwhere: --seed\nfix: --seed VALUE"),
        (["fit", "x.csv", "--seed", "-1"], "'-1' is no whole number from 0\nwhere: --seed"),
        (["fit", "x.csv", "--preset", "quik"], "fix: did you mean 'quick'?"),
        (["fit", "x.csv", "--time-limit", "soon"], "soon"),
        (["fit", "x.csv", "--type", "age"], "--type age=numeric"),
        (["fit", "x.csv", "--image-side", "abc"], "'abc' is no whole number from 8 to 1,024"),
        (["fit", "x.csv", "--image-side", "5000"], "'5000' is no whole number from 8 to 1,024\nwhere: --image-side"),
        (["rule", "D999"], "fix: there are D001 to D0"),
    ],
)
def test_wrong_words_end_with_2_and_say_what_is_right(words, message):
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.startswith("autorecipe: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [["fit", "x.csv", "--seed", "-1", "--json"], ["fit", "--json"], ["fitt", "--json"], ["fit", "x.csv", "--json=1"]],
)
def test_a_program_gets_wrong_words_as_json(words):
    result = run(*words)
    assert result.exit_code == 2
    assert set(json.loads(result.stdout)["error"]) == {"what", "where", "fix"}


def test_without_words_the_help_is_shown():
    assert run().output.startswith("Usage: autorecipe")


def test_a_file_in_place_of_a_command_is_understood(tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text("a\n1\n")
    assert f"did you mean: autorecipe fit {file}" in " ".join(run(str(file)).stderr.split())


def test_predictions_are_printed_or_written(monkeypatch, tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "prediction": ["no", "yes"], "probability_yes": [0.25, 0.75]})
    monkeypatch.setattr(api, "predict_file", lambda run, data, interval: frame, raising=False)
    text = "id,prediction,probability_yes\na,no,0.25\nb,yes,0.75\n"
    out = tmp_path / "out.csv"
    assert run("predict", "runs/x", "new.csv").stdout == text
    written = run("predict", "runs/x", "new.csv", "-o", str(out))
    assert (written.stdout, written.stderr) == ("", f"autorecipe: wrote 2 predictions to {out}\n")
    assert out.read_text() == text
    rows = [json.loads(line) for line in run("predict", "runs/x", "new.csv", "--json").stdout.splitlines()]
    assert rows[1] == {"id": "b", "prediction": "yes", "probability_yes": 0.75}


def test_an_output_that_cannot_be_written_is_bad_input(monkeypatch, tmp_path):
    monkeypatch.setattr(api, "predict_file", lambda run, data, interval: pd.DataFrame({"a": [1]}), raising=False)
    result = run("predict", "runs/x", "new.csv", "-o", str(tmp_path / "no" / "out.csv"))
    assert result.exit_code == 2
    assert "there is no directory" in result.stderr


def test_predictions_are_written_over_a_file_only_where_forced(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        api, "predict_file", lambda run, data, interval: asked.append(data) or pd.DataFrame({"a": [1]}), raising=False
    )
    rows, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    for path in (rows, out):
        path.write_text("mine\n")
    refused = run("predict", "runs/x", str(rows), "-o", str(out))
    assert (refused.exit_code, asked, out.read_text()) == (2, [], "mine\n")
    assert f"'{out}' exists" in refused.stderr
    assert "--force" in refused.stderr
    assert run("predict", "runs/x", str(rows), "-o", str(out), "--force").exit_code == 0
    assert out.read_text() == "a\n1\n"


def test_predictions_are_never_written_over_the_rows(monkeypatch, tmp_path):
    monkeypatch.setattr(api, "predict_file", lambda run, data, interval: pd.DataFrame({"a": [1]}), raising=False)
    rows = tmp_path / "rows.csv"
    rows.write_text("mine\n")
    refused = run("predict", "runs/x", str(rows), "-o", str(rows), "--force")
    assert (refused.exit_code, rows.read_text()) == (2, "mine\n")
    assert "is the input" in refused.stderr


def test_force_without_a_file_is_refused():
    assert "--force is about the file that -o writes" in run("predict", "runs/x", "rows.csv", "--force").stderr


def test_an_evaluation_of_new_rows_names_their_file(monkeypatch):
    found = Evaluation(
        rows="test",
        n_rows=30,
        metric="roc_auc",
        scores=(Score(metric="roc_auc", value=0.86, low=0.8, high=0.9),),
        out_of_fold=(),
        ladder=(),
        verdict="alone",
    )
    monkeypatch.setattr(api, "evaluate_file", lambda run, data: found, raising=False)
    monkeypatch.setattr(api, "load_run", lambda run: make_run())
    result = run("evaluate", "runs/x", "new.csv")
    assert result.stdout.startswith("new.csv, 30 rows\n  ROC AUC")
    assert json.loads(run("evaluate", "runs/x", "new.csv", "--json").stdout)["n_rows"] == 30


def test_resume_spends_as_long_as_before_unless_told(monkeypatch):
    limits = []

    def resume(run, *, time_limit_s, progress):
        limits.append(time_limit_s)
        return api.FitResult(run=make_run(), directory=Path(run))

    monkeypatch.setattr(api, "load_run", lambda run: make_run())
    monkeypatch.setattr(api, "resume", resume)
    run("resume", "runs/x")
    run("resume", "runs/x", "--time-limit", "30m")
    assert limits == [600.0, 1800.0]


def test_an_architecture_of_ones_own_reaches_the_config(calls, tmp_path):
    net = tmp_path / "net.py"
    net.write_text("def build(inputs, n_outputs, width=8): ...\n", encoding="utf-8")
    run("fit", "shop.csv", "--architecture", f"{net}:build")
    known = calls[0][1].architecture
    assert (known.name, known.knobs, known.is_replayable) == (f"{net}:build", (("width", 8),), True)


def test_an_architecture_that_is_not_there_ends_with_2(calls, tmp_path):
    result = run("fit", "shop.csv", "--architecture", f"{tmp_path / 'no.py'}:build")
    assert result.exit_code == 2
    assert "there is no file" in result.stderr
    assert calls == []


@pytest.fixture
def ideas(monkeypatch):
    """What `try` was asked for, instead of a training; the idea is kept."""
    asked = []
    fit = Fit(key="a", fold=0, validation_score=0.85)
    idea = Idea(
        decision=Decision(
            change=Change(edits=(("width", 256),), title="width 64 -> 256"),
            kept=True,
            effect=0.05,
            error=0.01,
            rule="kept: +0.0500 > 1 x error 0.0100",
        ),
        trial=Trial(name="idea", recipe=Recipe(width=256), fits=(fit,)),
        score_before=0.8,
    )

    def try_idea(run, edits, *, time_limit_s, progress):
        asked.append((run, edits, time_limit_s))
        return dataclasses.replace(make_run(), ideas=(idea,))

    monkeypatch.setattr(api, "try_idea", try_idea)
    return asked


def test_an_idea_is_tried_and_its_verdict_printed(ideas):
    result = run("try", "runs/x", "width=256", "dropout=0.3", "--time-limit", "2m")
    assert result.exit_code == 0
    assert ideas == [("runs/x", ("width=256", "dropout=0.3"), 120.0)]
    assert "width 64 -> 256" in result.stdout
    assert "0.800 before, 0.850 with it: +0.050 ± 0.010" in result.stdout
    assert "autorecipe resume runs/x" in result.stdout


def test_a_program_gets_the_idea_as_json(ideas):
    answer = json.loads(run("try", "runs/x", "width=256", "--json").stdout)
    assert (answer["directory"], answer["idea"]["decision"]["kept"]) == ("runs/x", True)
    assert ideas[0][2] is None


def test_an_idea_needs_a_field(ideas):
    assert run("try", "runs/x").exit_code == 2
    assert ideas == []


def test_an_interrupted_idea_ends_with_130(monkeypatch):
    monkeypatch.setattr(api, "try_idea", raising(KeyboardInterrupt()))
    assert run("try", "runs/x", "width=256").exit_code == 130


def test_a_report_of_no_run_is_bad_input(tmp_path):
    result = run("report", str(tmp_path))
    assert result.exit_code == 2
    assert "is not a run" in result.stderr


def test_a_rule_says_where_its_limit_comes_from():
    text = run("rule", "d013").stdout
    assert text.startswith("D013  ")
    assert "\nLimits\n" in text


def test_rules_are_listed_without_a_code():
    lines = run("rule").stdout.splitlines()
    groups = ["Data of tables", "Data of images", "Networks and their training"]
    places = [lines.index(group) for group in groups]
    assert places == sorted(places)
    assert any(line.startswith("  D013  ") for line in lines)


def test_the_demo_writes_its_table_and_says_the_command(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.stdout.startswith("autorecipe fit breast_cancer.csv --target target --preset quick\n")
    assert (tmp_path / "breast_cancer.csv").is_file()
    source, config, *_ = calls[0]
    assert (source, config.target, config.time_limit_s) == ("breast_cancer.csv", "target", 60.0)


def test_the_demo_leaves_a_table_of_yours_alone(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "diabetes.csv").write_text("mine\n")
    result = run("demo", "diabetes")
    assert result.exit_code == 2
    assert "'diabetes.csv' is there already" in result.stderr
    assert (tmp_path / "diabetes.csv").read_text() == "mine\n"


def test_the_version_is_that_of_the_package():
    from autorecipe import __version__

    assert run("--version").stdout == f"autorecipe, version {__version__}\n"
