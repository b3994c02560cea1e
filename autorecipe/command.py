"""From a config back to the command that asked for it."""

from __future__ import annotations

import shlex

from autorecipe.config import DEFAULT_TIME_LIMIT_S, Config

REPEATED = ("drop", "keep", "ids", "allow", "families")
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
    "search",
    "serve_rows_per_s",
    "tensorboard",
    "class_weight",
    "image_side",
    "weights",
)
FLAG_OF = {"ids": "--id", "families": "--family"}


def command_line(config: Config, path: str) -> str:
    """Return the `autorecipe fit` command with every flag that differs from its default, quoted for a shell.

    `--recipe` is left out: a config holds the recipe as a value and does not know its file. So is an architecture
    that no name finds again.
    """
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
    if config.architecture is not None and config.architecture.is_replayable:
        words += ["--architecture", config.architecture.name]
    words += [*_numbers(config, default), *_switches(config)]
    return shlex.join(words)


def _numbers(config: Config, default: Config) -> list[str]:
    words = []
    if config.time_limit_s != DEFAULT_TIME_LIMIT_S[config.preset]:
        words += ["--time-limit", f"{_plain(config.time_limit_s)}s"]
    if config.test_path:
        words += ["--test", config.test_path]
    elif config.test_share is not None:
        words += ["--test", _plain(config.test_share)]
    if config.seed != default.seed:
        words += ["--seed", str(config.seed)]
    if config.cost is not None:
        words += ["--cost", f"fn={_plain(config.cost.fn)},fp={_plain(config.cost.fp)}"]
    if config.cost_matrix is not None and config.cost_matrix.path:
        words += ["--cost", config.cost_matrix.path]
    return words


def _switches(config: Config) -> list[str]:
    asked = {
        "--no-header": not config.has_header,
        "--offline": config.offline,
        "--show-values": config.show_values,
        "--no-samples": not config.show_samples,
        "--histograms": config.histograms,
    }
    return [flag for flag, is_on in asked.items() if is_on]


def _plain(value: float) -> str:
    return f"{value:.12g}"  # as many digits as people write, and no exponent below 10^12
