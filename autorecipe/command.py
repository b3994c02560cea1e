"""From a config back to the command that asked for it."""

from __future__ import annotations

import shlex

from autorecipe.config import Config

REPEATED = ("drop", "keep", "ids", "allow")
PLAIN = (
    "target",
    "task",
    "metric",
    "loss",
    "preset",
    "weight",
    "positive",
    "split_by_group",
    "split_by_time",
    "until",
)
FLAG_OF = {"ids": "--id"}


def command_line(config: Config, path: str) -> str:
    """Return the `autorecipe fit` command with every flag that differs from its default, quoted for a shell."""
    default = Config()
    words = ["autorecipe", "fit", path or "DATA"]
    for name in PLAIN:
        value = getattr(config, name)
        if value != getattr(default, name):
            words += [f"--{name.replace('_', '-')}", str(value)]
    for name in REPEATED:
        for value in getattr(config, name):
            words += [FLAG_OF.get(name, f"--{name}"), value]
    for column, kind in config.types:
        words += ["--type", f"{column}={kind}"]
    words += _numbers(config, default)
    return shlex.join(words)


def _numbers(config: Config, default: Config) -> list[str]:
    words = []
    if config.time_limit_s != default.time_limit_s:
        words += ["--time-limit", f"{config.time_limit_s:g}s"]
    if config.test_path or config.test_share != default.test_share:
        words += ["--test", config.test_path or f"{config.test_share:g}"]
    if config.seed != default.seed:
        words += ["--seed", str(config.seed)]
    if config.cost is not None:
        words += ["--cost", f"fn={config.cost.fn:g},fp={config.cost.fp:g}"]
    if not config.has_header:
        words.append("--no-header")
    return words
