from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe import fixing
from autorecipe.also import Done, Taken, copies_asked_for, fixes_asked_for, taken, with_rows
from autorecipe.config import Config
from autorecipe.data.apply_fixes import Applied
from autorecipe.errors import UserError
from autorecipe.fix import Fix
from autorecipe.fixing import asked_of, fix_table, safe_fixes
from autorecipe.intake import take_in
from autorecipe.look import look
from autorecipe.record.finding import Finding

DROP = Fix(kind="drop column", columns=("same", "other"), is_safe=True, flag="--drop same --drop other")
MASK = Fix(kind="mask values", columns=("size",), values=("?",), is_safe=True)
RISKY = Fix(kind="drop column", columns=("leak",), flag="--drop leak")
ALLOW = Fix(kind="ask", columns=("leak",), flag="--allow D013:leak")


def finding(code, *fixes, severity="warn", **more):
    return Finding(code=code, severity=severity, title="", message=f"what {code} saw", fixes=fixes, **more)


FOUND = (finding("D001", DROP), finding("D005", MASK), finding("D013", RISKY, ALLOW, severity="stop"))


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A table in a file whose profile has these findings."""
    random = np.random.default_rng(0)
    n = 60
    frame = pd.DataFrame(
        {
            "size": random.integers(1, 90, n).astype(str),
            "same": ["1"] * n,
            "other": random.choice(["a", "b"], n),
            "leak": random.choice(["u", "v"], n),
            "bought": random.choice(["no", "yes"], n),
        }
    )
    frame.loc[[3, 5], "size"] = " ? "
    frame.to_csv(tmp_path / "shop.csv", index=False)
    monkeypatch.chdir(tmp_path)

    def looked(source, config, *, samples):
        seen = look(source, config, samples=samples)
        profile = dataclasses.replace(seen.run.profile, findings=FOUND if source == "shop.csv" else FOUND[2:])
        return dataclasses.replace(seen, run=dataclasses.replace(seen.run, profile=profile))

    monkeypatch.setattr(fixing, "look", looked)
    return frame


def test_safe_fixes_are_done_and_the_file_is_written(shop):
    fixed = fix_table("shop.csv", Config(target="bought"), output="clean.csv")
    after = pd.read_csv("clean.csv", dtype=str, keep_default_na=False)
    assert list(after.columns) == ["size", "leak", "bought"]
    assert list(after["size"][[3, 5]]) == ["", ""]
    assert (fixed.n_rows, fixed.n_columns) == after.shape
    said = [(done.code, done.applied.column, done.applied.n) for done in fixed.done]
    assert said == [("D005", "size", 2), ("D001", "same", 60), ("D001", "other", 60)]


def test_what_needs_a_decision_is_listed_and_not_done(shop):
    fixed = fix_table("shop.csv", Config(target="bought"), output="clean.csv")
    assert [(asked.finding.code, asked.fixes) for asked in fixed.asked] == [("D013", (RISKY, ALLOW))]


def test_the_fixed_file_raises_none_of_the_fixed_findings(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"size": random.normal(size=90).round(3).astype(str), "same": "1"})
    frame["seldom"] = ["x", *[""] * 89]
    frame.loc[::9, "size"] = "?"
    frame["bought"] = random.choice(["no", "yes"], 90)
    before, after = str(tmp_path / "shop.csv"), str(tmp_path / "clean.csv")
    frame.to_csv(before, index=False)
    fixed = fix_table(before, Config(target="bought"), output=after)
    again = look(after, Config(target="bought")).run.profile
    assert {done.code for done in fixed.done} >= {"D001", "D005"}
    assert not [fix for found in again.findings for fix in found.fixes if fix.is_safe]


def test_the_input_is_left_as_it_was(shop):
    before = open("shop.csv", "rb").read()  # noqa: SIM115  read once
    fix_table("shop.csv", Config(target="bought"), output="clean.csv")
    assert open("shop.csv", "rb").read() == before  # noqa: SIM115  read once


def test_a_column_that_is_kept_is_not_left_out():
    (fix,) = safe_fixes(FOUND[0], Config(keep=("same",)))
    assert fix.columns == ("other",)


def test_a_table_without_anything_to_learn_from_is_not_written(shop, monkeypatch, tmp_path):
    everything = Fix(kind="drop column", columns=("size", "same", "other", "leak"), is_safe=True)
    monkeypatch.setattr(f"{__name__}.FOUND", (finding("D001", everything),))
    with pytest.raises(UserError, match="60 rows and 1 columns would be left"):
        fix_table("shop.csv", Config(target="bought"), output="clean.csv")
    assert not (tmp_path / "clean.csv").exists()


@pytest.mark.parametrize("also", ["D022", "d022", "D022:size", " D022 : size "])
def test_what_is_not_safe_is_done_where_it_is_asked_for(also):
    first = Fix(kind="mask values", columns=("size",), values=("9999",))
    other = Fix(kind="set type", columns=("size",), to="categorical", flag="--type size=categorical")
    assert fixes_asked_for(finding("D022", first, other), (also,)) == (first,)


def test_only_the_best_kind_of_fix_is_done_and_only_for_the_column_asked_for():
    empty = tuple(Fix(kind="mask values", columns=(c,), values=("x",)) for c in ("size", "town"))
    read = tuple(Fix(kind="parse column", columns=(c,), to="numeric") for c in ("size", "town"))
    found = finding("D007", empty[0], read[0], empty[1], read[1])
    assert fixes_asked_for(found, ("D007",)) == empty
    assert fixes_asked_for(found, ("D007:town",)) == (empty[1],)
    assert fixes_asked_for(found, ("D008",)) == ()


def test_spellings_are_merged_where_that_is_asked_for_and_the_finding_says_how(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"size": random.normal(size=200), "town": random.choice(["New York", "new york", "Bonn"], 200)}
    )
    frame["bought"] = random.choice(["no", "yes"], 200)
    frame.to_csv(tmp_path / "shop.csv", index=False)
    before, after = str(tmp_path / "shop.csv"), str(tmp_path / "clean.csv")
    kept = fix_table(before, Config(target="bought"), output=after)
    (asked,) = [asked for asked in kept.asked if asked.finding.code == "D008"]
    assert asked.also == "--also D008"
    assert asked.also in asked.finding.remedy
    merged = fix_table(before, Config(target="bought"), output=after, force=True, also=("D008",))
    assert {done.code for done in merged.done} == {"D008"}
    assert pd.read_csv(after)["town"].nunique() == 2


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), n_copies=st.integers(0, 25), is_merged=st.booleans())
def test_a_fixed_table_has_nothing_left_of_what_was_fixed(tmp_path_factory, seed, n_copies, is_merged):
    random = np.random.default_rng(seed)
    n = 70  # with its copies fewer than the slow checks look at
    town = random.choice(["New York", "Bonn", "Lima"], n)
    frame = pd.DataFrame({"town": town, "size": random.integers(0, 40, n), "rooms": random.integers(1, 40, n)})
    frame["bought"] = random.choice(["no", "yes"], n)
    again = frame.iloc[random.integers(0, n, n_copies)].copy()
    again["town"] = again["town"].where(random.random(n_copies) < 0.5, again["town"].str.lower())
    frame = pd.concat([frame, again], ignore_index=True).sample(frac=1, random_state=seed)
    folder = tmp_path_factory.mktemp("fixed")
    before, after = str(folder / "shop.csv"), str(folder / "clean.csv")
    frame.to_csv(before, index=False)
    also = ("D008", "D015") if is_merged else ("D015",)
    fix_table(before, Config(target="bought"), output=after, also=also)
    left = look(after, Config(target="bought")).run.profile.findings
    assert not {finding.code for finding in left} & set(also)
    assert not [fix for finding in left for fix in finding.fixes if fix.is_safe]
    assert not pd.read_csv(after, dtype=str).duplicated().any()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), n_copies=st.integers(0, 4), n_near=st.integers(1, 3))
def test_no_row_is_left_out_unasked_that_differs_from_every_earlier_row_in_a_cell(
    tmp_path_factory, seed, n_copies, n_near
):
    random = np.random.default_rng(seed)
    n = 120
    frame = pd.DataFrame({"width": random.normal(50, 9, n).round(5), "visit": "1", "note": "", "size": "7"})
    frame["size"] = random.integers(1, 40, n).astype(str)
    frame["bought"] = random.choice(["no", "yes"], n)
    near = frame.iloc[random.integers(0, n, n_near)].copy()
    column = random.choice(["visit", "note", "size"])
    near[column] = random.choice(["2", "?", "-"], n_near)
    frame = pd.concat([frame, near, frame.iloc[random.integers(0, n, n_copies)]], ignore_index=True)
    folder = tmp_path_factory.mktemp("fixed")
    before, after = str(folder / "shop.csv"), str(folder / "clean.csv")
    frame.to_csv(before, index=False)
    fix_table(before, Config(target="bought"), output=after)
    distinct = frame.drop_duplicates()["width"].value_counts()
    left = pd.read_csv(after)["width"].value_counts()
    assert (left.reindex(distinct.index, fill_value=0) >= distinct).all()


def test_rows_that_only_the_mended_table_has_alike_are_left_out_where_that_is_asked_for(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"width": random.normal(50, 9, 300).round(5), "visit": 1})
    frame["bought"] = random.choice(["no", "yes"], 300)
    before, after = str(tmp_path / "shop.csv"), str(tmp_path / "clean.csv")
    pd.concat([frame, frame.iloc[:1].assign(visit=2)]).to_csv(before, index=False)
    kept = fix_table(before, Config(target="bought"), output=after)
    assert [done.code for done in kept.done] == ["D002"]
    assert kept.n_rows == 301
    assert [(asked.finding.code, asked.also) for asked in kept.asked] == [("D015", "--also D015")]
    asked = fix_table(before, Config(target="bought"), output=after, force=True, also=("D015",))
    assert asked.n_rows == 300
    assert asked.also == (Taken(flag="D015", n_rows=1),)


def test_copies_are_looked_for_in_all_rows_whatever_was_found_in_those_to_learn_from(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"size": random.normal(size=60), "bought": random.choice(["no", "yes"], 60)})
    pd.concat([frame, frame]).to_csv(tmp_path / "shop.csv", index=False)
    intake = take_in(str(tmp_path / "shop.csv"), Config(target="bought"))
    (every,) = copies_asked_for((" d015",))
    assert with_rows(every, intake).rows == tuple(range(61, 121))
    assert with_rows(Fix(kind="drop rows", equal="cells"), intake).rows == tuple(range(61, 121))
    assert copies_asked_for(("D015:size", "D008")) == ()


def test_a_part_of_an_id_becomes_a_column_once_and_the_split_by_it_is_named(tmp_path):
    random = np.random.default_rng(0)
    person = np.repeat(np.arange(40), 6)
    traits = random.normal(size=(40, 2))[person] + 0.05 * random.normal(size=(240, 2))
    frame = pd.DataFrame(
        {"probe": [f"M{p}_{i % 6}" for i, p in enumerate(person)], "a": traits[:, 0], "b": traits[:, 1]}
    )
    frame["level"] = random.normal(size=40)[person] + 0.1 * random.normal(size=240)
    frame.sample(frac=1, random_state=0).to_csv(tmp_path / "mice.csv", index=False)
    after = tmp_path / "clean.csv"
    fixed = fix_table(str(tmp_path / "mice.csv"), Config(target="level"), output=str(after), also=("D018",))
    made = pd.read_csv(after)
    assert list(made.columns) == ["probe", "a", "b", "level", "probe_group"]
    assert (made["probe_group"] == made["probe"].str.partition("_")[0]).all()
    assert next(fix.flag for asked in fixed.asked for fix in asked.fixes) == "--split-by-group probe_group"
    assert fixed.also == (Taken(flag="D018", columns=("probe_group",)),)


def test_a_flag_for_what_is_done_anyway_says_that_it_was_done(shop):
    fixed = fix_table("shop.csv", Config(target="bought"), output="clean.csv", also=("D005", "D022"))
    assert fixed.also == (Taken(flag="D005", columns=("size",)), Taken(flag="D022"))


def test_each_flag_says_what_became_of_it():
    def done(flag, column, look=1, kind="mask values", n=3):
        return Done(code="D022", applied=Applied(kind=kind, column=column, n=n), flags=(flag,), look=look)

    said = taken(
        ("D022", "D015", "D007"),
        [
            done("D022", "size"),
            done("D022", "town", look=2),
            done("D022", "size", look=2),
            done("D015", "", n=9, kind="drop rows"),
        ],
    )
    assert said == (
        Taken(flag="D022", columns=("size",), later=("town",)),
        Taken(flag="D015", n_rows=9),
        Taken(flag="D007"),
    )


def test_a_flag_that_changed_nothing_says_whether_its_check_found_anything():
    rare = Finding(code="D031", severity="warn", title="", message="", columns=("b",), remedy="add rows")
    mend = Fix(kind="mask values", columns=("a",), values=("?",), is_safe=True)
    masked = Finding(code="D005", severity="info", title="", message="", columns=("a",), fixes=(mend,))
    assert taken(("d031", "D031:a", "D005", "D001"), (), (rare, masked)) == (
        Taken(flag="d031", remedies=("add rows",)),
        Taken(flag="D031:a"),
        Taken(flag="D005", is_unasked=True),
        Taken(flag="D001"),
    )


def test_a_code_that_no_check_has_is_refused_before_anything_is_read():
    with pytest.raises(UserError, match="no check of a table has the code 'D00'"):
        fix_table("nowhere.csv", Config(), output="clean.csv", also=("D00",))


def test_a_column_that_is_not_there_is_refused(shop, tmp_path):
    with pytest.raises(UserError, match="there is no column 'sise'"):
        fix_table("shop.csv", Config(target="bought"), output="clean.csv", also=("D022:sise",))
    assert not (tmp_path / "clean.csv").exists()


def test_images_are_not_mended(tmp_path):
    (tmp_path / "flowers").mkdir()
    with pytest.raises(UserError, match="no image is changed, moved or deleted"):
        fix_table(str(tmp_path / "flowers"), Config(), output=str(tmp_path / "clean.csv"))


def test_a_note_decides_nothing_and_a_warning_that_asks_does():
    note = finding("D026", Fix(kind="drop column", columns=("a",), flag="--drop a"), severity="info")
    asks = finding("D010", severity="warn", action="ask", remedy="--id COLUMN")
    told = finding("D015", severity="warn", remedy="kept")
    assert [asked.finding.code for asked in asked_of((note, asks, told))] == ["D010"]
