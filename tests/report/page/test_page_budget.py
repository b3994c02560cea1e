from __future__ import annotations

import dataclasses
import shlex

from rich_run import classification_run

from autorecipe.record.run import TimeUse
from autorecipe.report.page.budget import budget_section, recipe_section
from autorecipe.report.page.first import Place


def test_commands_to_copy_quote_names_as_a_shell_takes_them():
    run = classification_run()
    schema = dataclasses.replace(run.schema, target="it's; bought ")
    data = dataclasses.replace(run.data, path="my data.csv")
    run = dataclasses.replace(run, schema=schema, data=data)
    block = next(b for b in recipe_section(run, Place(path="runs/a b")).blocks if b.code == "more")
    resume, fit, report = (shlex.split(line, comments=True) for line in block.text.splitlines())
    assert resume == ["autorecipe", "resume", "runs/a b", "--time-limit", "5m"]
    assert fit[2:] == ["my data.csv", "--target", "it's; bought ", "--recipe", "runs/a b/recipe.yaml"]
    assert report[2] == "runs/a b"


def test_the_page_says_why_a_run_took_longer_than_asked():
    time = TimeUse(asked_s=15.0, used_s=35.0, parts=(("baseline", 5.0),), slowness=2.0)
    lead = budget_section(dataclasses.replace(classification_run(), time=time), ()).lead
    assert lead.startswith("Asked for 15s, used 35s: other work on this machine made it 2.0 times as slow")


def test_the_model_is_said_to_be_the_mean_of_its_networks():
    run = classification_run()
    squeeze = run.stage("squeeze")
    n_networks = sum(len(part.keys) for part in squeeze.ensemble.parts)
    lead = recipe_section(run, Place(path="runs/a")).lead
    assert n_networks > 1
    assert lead.startswith(f"The mean of {n_networks} networks of {len(squeeze.ensemble.parts)} recipes, of which")
