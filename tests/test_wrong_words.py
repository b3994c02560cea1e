"""Click's words become what, where and how to mend it, whatever they are about."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from autorecipe.cli import cli
from autorecipe.errors import UserError
from autorecipe.wrong_words import as_user_error

COMMANDS = sorted(cli.commands)


def refused(*words: str) -> UserError:
    command = cli.commands[words[0]]
    with pytest.raises(click.UsageError) as error:
        command.make_context(f"autorecipe {words[0]}", list(words[1:]))
    return as_user_error(error.value)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_an_option_that_it_lacks_with_a_way_out(name):
    error = refused(name, "--no-such-option")
    assert (error.what, error.where) == ("there is no option '--no-such-option'", f"autorecipe {name}")
    assert error.fix


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("rule", "demo")])
def test_every_argument_that_is_missing_is_named_with_all_that_belong_there(name):
    error = refused(name)
    assert error.what.endswith(" is missing")
    assert error.fix.startswith(f"write autorecipe {name} [OPTIONS] {error.what.split()[0]}")


@pytest.mark.parametrize("preset", ["quik", "standart", "thoroughly"])
def test_a_choice_gets_the_nearest(preset):
    assert refused("fit", "x.csv", "--preset", preset).fix.startswith("did you mean '")


def test_a_choice_far_from_all_gets_none():
    assert refused("fit", "x.csv", "--preset", "xyz").fix == "autorecipe fit --help says what it takes"


@pytest.mark.parametrize("flag", ["--quiet", "--json"])
def test_a_flag_with_a_value_is_to_be_written_alone(flag):
    error = refused("fit", "x.csv", f"{flag}=1")
    assert (error.what, error.fix) == (f"option '{flag}' does not take a value", f"write {flag} alone")


def test_an_option_without_its_value_is_to_be_written_with_one():
    assert refused("fit", "x.csv", "--seed").fix == "--seed VALUE"


@pytest.mark.parametrize("words", [["fitt"], ["fit", "--no-such-option"], ["--no-such-option"]])
def test_wrong_words_are_told_where_click_has_no_error_for_its_manual(words, monkeypatch):
    monkeypatch.delattr(click.exceptions, "NoArgsIsHelpError", raising=False)  # as before Click 8.2
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 2
    assert done.stderr.startswith("autorecipe: there is no ")


def test_no_words_at_all_get_the_manual():
    assert "Usage: " in CliRunner().invoke(cli, []).output


def test_the_debug_flag_changes_nothing_about_wrong_words():
    done = CliRunner().invoke(cli, ["fit", "x.csv", "--debug", "--seed", "-1"])
    assert done.stderr.startswith("autorecipe: '-1' is no whole number from 0\nwhere: --seed")
