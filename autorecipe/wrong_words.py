"""From words that the command line cannot take to what is wrong, where, and how to mend it."""

from __future__ import annotations

import re

import click

from autorecipe.errors import UserError, nearest

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_NO_CHOICE = re.compile(r"'(.*)' is not one of (.*)", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")


def as_user_error(error: click.UsageError) -> UserError:
    """Return what Click says of wrong words as an error of ours.

    >>> as_user_error(click.UsageError("Got unexpected extra argument (shop.csv)")).what
    "too many words: 'shop.csv'"
    """
    path = error.ctx.command_path if error.ctx else "autorecipe"
    manual = f"{path} --help says what it takes"
    if isinstance(error, click.NoSuchOption):
        near = " or ".join(error.possibilities or ())
        fix = f"did you mean {near}?" if near else f"{path} --help lists them"
        return UserError(f"there is no option '{error.option_name}'", where=path, fix=fix)
    if isinstance(error, click.MissingParameter):
        return UserError(f"{_name_of(error)} is missing", where=path, fix=_usage(error) or manual)
    if isinstance(error, click.BadOptionUsage):  # of which command, Click does not say
        is_flag = "does not take a value" in error.message
        fix = f"write {error.option_name} alone" if is_flag else f"{error.option_name} VALUE"
        return UserError(_decapitalized(error.message), where=error.option_name, fix=fix)
    message = error.message.rstrip(".")
    if isinstance(error, click.BadParameter):
        return UserError(message, where=_name_of(error) or path, fix=_near_choice(message) or manual)
    extra = _EXTRA.fullmatch(message)
    if extra:
        return UserError(f"too many words: '{extra[1]}'", where=path, fix=_usage(error) or manual)
    return UserError(_decapitalized(message), where=path, fix=manual)


def _decapitalized(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")


def _name_of(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.metavar or (error.param.name or "").upper()


def _usage(error: click.UsageError) -> str:
    """Return the words that a command takes, as `autorecipe rule [OPTIONS] [CODE]`; "" where it is not known."""
    if error.ctx is None:
        return ""
    return f"write {' '.join(error.ctx.get_usage().split()).removeprefix('Usage: ')}"


def _near_choice(message: str) -> str:
    found = _NO_CHOICE.fullmatch(message)
    near = nearest(found[1], _QUOTED.findall(found[2])) if found else ""
    return f"did you mean '{near}'?" if near else ""
