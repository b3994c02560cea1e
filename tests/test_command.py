"""A config becomes the command that asked for it."""

from __future__ import annotations

import dataclasses
import shlex
import zipfile
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.architecture import describe
from autorecipe.choices import LossName
from autorecipe.cli import cli
from autorecipe.command import command_line
from autorecipe.config import DEFAULT_TIME_LIMIT_S, Config, Cost, Kind, Preset, SearchName, StageName, Task
from autorecipe.flags import fit_config
from autorecipe.own_code import read_architecture
from autorecipe.recipe import Recipe

OTHERS = ("data", "out", "new", "quiet", "as_json")  # parameters of the command that are not of the config
NAMES = st.text(min_size=1, max_size=8)
NUMBERS = st.floats(0.001, 9_999_999).map(lambda value: round(value, 3))
PRESETS = st.sampled_from(get_args(Preset))
CONFIGS = st.builds(
    Config,
    target=st.just("") | NAMES,
    task=st.sampled_from(("auto", *get_args(Task))),
    metric=st.sampled_from(("auto", "roc_auc", "ROC AUC")),
    loss=st.sampled_from(("auto", *get_args(LossName))),
    preset=PRESETS,
    time_limit_s=NUMBERS | st.sampled_from(tuple(DEFAULT_TIME_LIMIT_S.values())),
    test_share=st.floats(0, 0.9).map(lambda share: round(share, 6)),
    seed=st.integers(0, 2**40),
    types=st.lists(st.tuples(NAMES, st.sampled_from(get_args(Kind))), max_size=2).map(tuple),
    drop=st.lists(NAMES, max_size=2).map(tuple),
    keep=st.lists(NAMES, max_size=2).map(tuple),
    ids=st.lists(NAMES, max_size=2).map(tuple),
    allow=st.lists(NAMES, max_size=2).map(tuple),
    weight=st.just("") | NAMES,
    positive=st.just("") | NAMES,
    split_by_group=st.just("") | NAMES,
    split_by_time=st.just("") | NAMES,
    cost=st.none() | st.builds(Cost, fn=NUMBERS, fp=NUMBERS),
    until=st.sampled_from(get_args(StageName)),
    has_header=st.booleans(),
    search=st.sampled_from(get_args(SearchName)),
    tensorboard=st.sampled_from(("", "runs/curves of mine")),
    histograms=st.booleans(),
    show_values=st.booleans(),
    show_samples=st.booleans(),
    image_side=st.sampled_from((0, 8, 224)),
    offline=st.booleans(),
)


def read_back(line: str) -> tuple[str, Config]:
    """Read a command line as the command does: the data and the config."""
    program, command, *words = shlex.split(line)
    assert (program, command) == ("autorecipe", "fit")
    flags = dict(cli.commands["fit"].make_context("fit", words).params)
    data = flags["data"]
    return data, fit_config({name: value for name, value in flags.items() if name not in OTHERS})


@settings(max_examples=50, deadline=None)
@given(config=CONFIGS, path=st.sampled_from(("shop.csv", "my data/a 'b'.csv")))
def test_the_command_asks_for_what_was_asked(config, path):
    assert read_back(command_line(config, path)) == (path, config)


def test_what_is_the_default_is_left_out():
    assert command_line(Config(), "shop.csv") == "autorecipe fit shop.csv"
    quick = Config(preset="quick", time_limit_s=DEFAULT_TIME_LIMIT_S["quick"])
    assert command_line(quick, "shop.csv") == "autorecipe fit shop.csv --preset quick"


def test_a_limit_that_another_preset_has_by_default_is_said():
    config = Config(preset="thorough", time_limit_s=DEFAULT_TIME_LIMIT_S["standard"])
    assert read_back(command_line(config, "shop.csv"))[1].time_limit_s == DEFAULT_TIME_LIMIT_S["standard"]


def test_a_long_limit_is_written_without_an_exponent():
    assert "--time-limit 1209600s" in command_line(Config(time_limit_s=1_209_600.0), "shop.csv")


def test_a_table_in_memory_has_a_place_for_its_file():
    assert command_line(Config(target="y"), "") == "autorecipe fit DATA --target y"


def test_a_file_of_test_rows_is_named(tmp_path):
    file = tmp_path / "test rows.csv"
    file.write_text("a\n1\n")
    config = Config(test_path=str(file), test_share=0.0)
    assert read_back(command_line(config, "shop.csv"))[1] == config


def test_a_file_of_weights_is_named(tmp_path):
    file = tmp_path / "my net.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", "{}")
    config = Config(weights=str(file), offline=True)
    line = command_line(config, "photos")
    assert line.endswith(" --offline")
    assert read_back(line) == ("photos", config)


def test_a_recipe_has_no_file_to_name():
    config = Config(target="y", recipe=Recipe(width=32))
    assert command_line(config, "shop.csv") == command_line(dataclasses.replace(config, recipe=None), "shop.csv")


def test_an_architecture_that_can_be_found_again_is_named(tmp_path):
    file = tmp_path / "my net.py"
    file.write_text("def build(inputs, n_outputs, width=8): ...\n", encoding="utf-8")
    config = Config(target="y", architecture=read_architecture(f"{file}:build"))
    assert read_back(command_line(config, "shop.csv"))[1] == config


def test_an_architecture_in_memory_has_no_name_to_write():
    config = Config(target="y", architecture=describe(lambda inputs, n_outputs: inputs))
    assert command_line(config, "shop.csv") == "autorecipe fit shop.csv --target y"
