from __future__ import annotations

import dataclasses
import shlex

from rich_run import classification_run

from autorecipe.report.page.budget import recipe_section
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
