"""Bad input ends with exit code 2 (or 3 for a finding), says what, where and how, and leaves nothing behind."""

from __future__ import annotations

import json
import random
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from autorecipe import AutoRecipe
from autorecipe.cli import cli
from autorecipe.errors import UserError

CHANCE = random.Random(0)
ROWS = tuple(f"{CHANCE.gauss(0, 1):.3f},{CHANCE.choice('xyz')},{CHANCE.choice(('yes', 'no'))}" for _ in range(60))
TABLE = "\n".join(("num,cat,target", *ROWS)) + "\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, no_training):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def refused(*words):
    """Return what a command says that ends with exit code 2."""
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert not Path("runs").exists()
    return done.stderr


def table(text=TABLE, name="shop.csv"):
    Path(name).write_text(text, encoding="utf-8")
    return name


def constant_target(label):
    return TABLE.replace(",yes", f",{label}").replace(",no", f",{label}")


def leaking_table():
    chance = random.Random(1)
    rows = (f"{chance.gauss(0, 1):.3f},{chance.random() + 10 * (i % 2):.3f},{i % 2}" for i in range(1000))
    return table("\n".join(("num,score after,bought", *rows)) + "\n", "leak.csv")


def test_a_file_that_is_not_there_gets_the_nearest_name():
    table()
    said = refused("fit", "shopp.csv")
    assert said == "autorecipe: no such file: shopp.csv\nwhere: shopp.csv\nfix: did you mean shop.csv?\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty; a header and at least one row are expected\nwhere: shop.csv"),
        ("num,cat,target\n", "a header without rows below it"),
        ("num,cat,target\n1,x,yes\n", "1 row; at least 2 needed\nwhere: shop.csv"),
        (TABLE.replace("num,cat", "num,num"), "'num' stands more than once\nwhere: shop.csv\nfix: rename"),
        (
            f"{TABLE}1,x,yes,4\n",
            "line 62 (row 61) has 4 fields, but the header (line 1) has 3\nwhere: shop.csv, line 62",
        ),
        (f"{TABLE}1,x\n", "line 62 (row 61) has 2 fields"),
        (constant_target("yes"), "'target' is 'yes' in all 60 rows: there is nothing to learn\nwhere: column 'target'"),
        (constant_target(""), "every cell of the target 'target' is missing\nwhere: shop.csv"),
    ],
    ids=["empty", "header only", "one row", "names twice", "long row", "short row", "constant", "missing"],
)
def test_a_table_that_cannot_be_learned_from_is_refused(text, message):
    assert message in refused("fit", table(text))


def test_a_binary_file_is_no_table():
    Path("photo.csv").write_bytes(bytes(range(256)) * 20)
    said = refused("fit", "photo.csv")
    assert "a binary file" in said
    assert "where: photo.csv\nfix: save the table as CSV" in said


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--target traget", "no column is called 'traget'"),
        ("--target traget", "where: --target 'traget'\nfix: --target 'target'"),
        ("--metric acuracy", "unknown metric 'acuracy'\nwhere: --metric\nfix: did you mean 'accuracy'?"),
        ("--metric rmse", "metric 'rmse' is for regression, this task is binary\nwhere: --metric\nfix: for binary:"),
        ("--loss mse", "loss 'mse' does not fit a binary target\nwhere: --loss\nfix: one of: cross_entropy, focal"),
        ("--time-limit soon", "not a duration: 'soon'\nwhere: --time-limit\nfix: write it as"),
        ("--time-limit 0s", "a duration must be more than 0 seconds"),
        ("--drop nun", "no column is called 'nun'\nwhere: --drop\nfix: --drop 'num'"),
        ("--type cat=txt", "unknown kind 'txt' for column 'cat'\nwhere: --type\nfix: did you mean 'text'?"),
        ("--test none.csv", "'none.csv' is neither a file nor a share\nwhere: --test"),
        ("--task regression", "regression needs numbers\nwhere: --task regression"),
        ("--positive maybe", "no class is called 'maybe'"),
        ("--weight cat", "'cat'"),
        ("--recipe none.yaml", "cannot read 'none.yaml'"),
    ],
)
def test_a_flag_that_does_not_fit_the_table_is_refused(flags, message):
    assert message in refused("fit", table(), *flags.split())


def test_without_a_target_the_likely_columns_and_the_finished_command_are_named():
    names = "income,age,zip,grade"
    path = table("\n".join((names, *(f"{row},{CHANCE.randrange(9)}" for row in ROWS))) + "\n")
    said = refused("fit", path, "--seed", 3)
    assert "which column is to be predicted? No target was given; it may be 'grade' or 'income'" in said
    assert said.endswith("where: --target\nfix: autorecipe fit shop.csv --seed 3 --target 'grade'\n")
    said = refused("profile", path, "--drop", "zip")
    assert said.endswith("where: --target\nfix: autorecipe profile shop.csv --drop zip --target 'grade'\n")


def test_a_program_gets_bad_input_as_json():
    done = run("fit", table(), "--metric", "acuracy", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["where"] == "--metric"


@pytest.mark.parametrize("command", [("predict", "runs/x", "shop.csv"), ("report", "runs/x"), ("refit", "runs/x")])
def test_a_directory_without_a_run_is_named(command):
    table()
    said = refused(*command)
    assert "'runs/x' is not a run: there is no such directory\nwhere: runs/x\nfix: give the directory of a run" in said


def test_an_output_directory_with_other_files_is_left_alone():
    Path("mine").mkdir()
    Path("mine", "thesis.txt").write_text("mine")
    said = refused("fit", table(), "--out", "mine")
    assert "'mine' is not empty and not a run: it holds 'thesis.txt'\nwhere: --out\nfix: give a directory" in said
    assert [path.name for path in Path("mine").iterdir()] == ["thesis.txt"]


def test_an_output_directory_that_cannot_be_made_is_refused():
    table(name="file")
    said = refused("fit", table(), "--out", "file/run")
    assert "cannot write" in said
    assert "--out DIR" in said


def test_a_finding_ends_with_3_and_its_command_goes_on():
    done = run("fit", leaking_table(), "--target", "bought", "--until", "profile")
    assert done.exit_code == 3, done.output
    assert "'score after' alone predicts bought" in done.stderr
    assert "Traceback" not in done.output
    command = done.stderr.splitlines()[-1]
    assert command == "  autorecipe fit leak.csv --target bought --until profile --drop 'score after'"
    goes_on = run(*shlex.split(command)[1:])
    assert goes_on.exit_code == 0, goes_on.output


@pytest.mark.parametrize("flags", [(), ("--until", "profile")])
def test_a_finding_stops_the_same_command_every_time(flags):
    words = ("fit", leaking_table(), "--target", "bought", *flags)
    assert [run(*words).exit_code for _ in range(2)] == [3, 3]


def test_an_allowed_finding_is_a_warning():
    words = ("fit", leaking_table(), "--target", "bought", "--until", "profile", "--allow", "D013:score after")
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert "warn  'score after' alone predicts bought" in done.stdout


def test_a_run_of_other_data_is_refused_and_left_as_it_is():
    assert run("fit", table(), "--until", "profile", "--out", "kept").exit_code == 0
    before = Path("kept", "run.json").read_bytes()
    said = refused("fit", table(TABLE.replace("x", "w"), "other.csv"), "--out", "kept")
    assert "'kept' holds a run of other data: 'shop.csv'" in said
    assert "where: --out\nfix: give another --out" in said
    assert Path("kept", "run.json").read_bytes() == before


def test_a_column_of_lists_is_named():
    frame = pd.DataFrame({"num": np.arange(60.0), "tags": [["a", "b"]] * 60})
    with pytest.raises(UserError, match=r"column 'tags'"):
        AutoRecipe(verbose=0).fit(frame, np.arange(60) % 2)
    assert not Path("runs").exists()
