from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from autorecipe.cli import cli


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A small table in the working directory, and the same rows later."""
    monkeypatch.chdir(tmp_path)
    for name, seed in (("shop.csv", 0), ("later.csv", 1)):
        random = np.random.default_rng(seed)
        size = random.normal(size=150)
        frame = pd.DataFrame({"size": size, "town": random.choice(["here", "there"], 150)})
        frame["bought"] = np.where(size + random.normal(size=150) > 0, "yes", "no")
        frame.round(4).to_csv(name, index=False)
    frame.drop(columns="bought").round(4).to_csv("unanswered.csv", index=False)


@pytest.fixture
def leaking(shop):
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"size": random.normal(size=600), "bought": random.choice(["no", "yes"], 600)})
    frame["after"] = (frame["bought"] == "yes") + random.normal(size=600) / 100
    frame.to_csv("leak.csv", index=False)
    return "leak.csv"


def run(*words):
    return CliRunner().invoke(cli, ["profile", *words])


def test_a_profile_without_a_stop_ends_with_0(shop):
    done = run("shop.csv", "--target", "bought")
    assert done.exit_code == 0
    assert "What is this data like?" in done.stdout


def test_a_stop_is_shown_with_the_rest_and_ends_with_3(leaking):
    done = run(leaking, "--target", "bought")
    assert done.exit_code == 3
    assert "D013" in done.stdout
    assert "column " in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fix"], "fix: name it: --fix -o clean.csv"),
        (["-o", "x.csv"], "--fix -o x.csv, or leave -o out"),
        (["--also", "D008"], "--also is about what --fix does"),
        (["--fix", "-o", "x.csv", "--also", "D888"], "no check of a table has the code 'D888'"),
        (["--force"], "--force is about the file that --fix or --report writes"),
        (["--fix", "-o", "x.csv", "--timings"], "--fix mends a table and does nothing else"),
        (["--against", "later.csv", "--fix", "-o", "x.csv"], "--against compares two tables and does nothing else"),
        (["--against", "later.csv", "--test", "0.2"], "leave --test out, or call profile twice"),
        (["--against", "latr.csv"], "did you mean later.csv?"),
        (["--fix", "-o", "shop.csv"], "is the input, which is never written over"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_flags_that_do_not_go_together_are_refused_before_anything_is_read(shop, words, said):
    done = run("shop.csv", "--target", "bought", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_fix_writes_the_table_and_says_so(shop):
    done = run("shop.csv", "--target", "bought", "--fix", "-o", "clean.csv")
    assert done.exit_code == 0
    assert done.stdout.startswith("shop.csv -> clean.csv  150 rows x 3 columns\n")
    assert len(pd.read_csv("clean.csv")) == 150


def test_fix_is_refused_where_the_file_exists_unless_forced(shop):
    words = ("shop.csv", "--target", "bought", "--fix", "-o", "later.csv")
    assert run(*words).exit_code == 2
    assert run(*words, "--force").exit_code == 0


def test_a_page_is_written_over_a_file_only_where_forced(shop):
    words = ("shop.csv", "--target", "bought", "--report", "later.csv")
    before = Path("later.csv").read_text()
    refused = run(*words)
    assert (refused.exit_code, Path("later.csv").read_text()) == (2, before)
    assert "'later.csv' exists\nwhere: --report" in refused.stderr
    assert run(*words, "--force").exit_code == 0
    assert Path("later.csv").read_text().startswith("<!")


def test_a_page_is_never_written_over_the_data(shop):
    before = Path("shop.csv").read_text()
    assert run("shop.csv", "--target", "bought", "--report", "shop.csv", "--force").exit_code == 2
    assert Path("shop.csv").read_text() == before


def test_a_program_gets_what_was_fixed_as_json(shop):
    told = json.loads(run("shop.csv", "--target", "bought", "--fix", "-o", "clean.csv", "--json").stdout)
    assert (told["path"], told["n_rows"]) == ("clean.csv", 150)
    assert told["done"] == []


def test_two_tables_are_compared(shop):
    done = run("shop.csv", "--target", "bought", "--against", "later.csv")
    assert done.exit_code == 0
    assert done.stdout.startswith("later.csv against shop.csv")
    assert "target  bought, in both" in done.stdout


def test_each_number_of_two_tables_stands_beside_its_file(shop):
    pd.read_csv("later.csv").head(40).assign(extra=1).to_csv("few.csv", index=False)
    done = run("shop.csv", "--target", "bought", "--against", "few.csv")
    assert "rows    40 in few.csv, 150 in shop.csv" in done.stdout
    assert "columns 4 in few.csv, 3 in shop.csv" in done.stdout


def test_two_tables_of_one_name_are_told_apart(shop):
    Path("new").mkdir()
    pd.read_csv("later.csv").head(40).to_csv("new/shop.csv", index=False)
    done = run("shop.csv", "--target", "bought", "--against", "new/shop.csv")
    assert "rows    40 in the table of --against, 150 in the first" in done.stdout


def test_rows_that_both_tables_share_end_with_3(shop):
    done = run("shop.csv", "--target", "bought", "--against", "shop.csv", "--json")
    assert done.exit_code == 3
    assert "D016" in [finding["code"] for finding in json.loads(done.stdout)["findings"]]


def test_without_a_target_features_alone_are_compared(shop):
    done = run("shop.csv", "--target", "bought", "--against", "unanswered.csv")
    assert done.exit_code == 0
    assert "features alone are compared" in done.stdout


def test_timings_end_the_profile(shop):
    done = run("shop.csv", "--target", "bought", "--timings")
    assert "reading" in done.stdout
    assert done.stdout.splitlines()[-1].split()[0] == "all"


def test_a_program_gets_timings_as_json(shop):
    told = json.loads(run("shop.csv", "--target", "bought", "--timings", "--json").stdout)
    assert {"code", "title", "seconds"} == set(told["timings"][0])
    assert told["run"]["profile"]["n_rows"]
