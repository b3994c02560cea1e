"""Columns as values: what goes with each kind, and the words that say why."""

from __future__ import annotations

import numpy as np

from autorecipe.data.cells import ALWAYS_NULL, NULL_TOKENS
from autorecipe.data.evidence import NUMERIC_SHARE, Evidence, Reading
from autorecipe.data.schema import Column, Wire


def category(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as categorical; integers that float32 tells apart are sent as numbers."""
    wire: Wire = "float32" if evidence.fits_float32 else "string"
    tokens = NULL_TOKENS if wire == "float32" else ALWAYS_NULL
    return Column(name=evidence.name, kind="categorical", wire=wire, null_tokens=tokens, reason=reason)


def numeric(evidence: Evidence, rule: str, *, reason: str) -> Column:
    """Return the column as numeric under a rule; float32 when every cell is a plain number."""
    plain = evidence.all_numbers
    return Column(
        name=evidence.name,
        kind="numeric",
        wire="float32" if plain else "string",
        number_rule="" if plain else rule,
        null_tokens=NULL_TOKENS,
        reason=reason,
    )


def datetime(evidence: Evidence, date_format: str, *, reason: str) -> Column:
    """Return the column as dates of one format."""
    return Column(
        name=evidence.name,
        kind="datetime",
        wire="string",
        date_format=date_format,
        null_tokens=NULL_TOKENS,
        reason=reason,
    )


def key(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as an id, which no model sees."""
    return Column(name=evidence.name, kind="id", wire="string", role="id", null_tokens=ALWAYS_NULL, reason=reason)


def image(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as names of images."""
    return Column(name=evidence.name, kind="image", wire="string", null_tokens=ALWAYS_NULL, reason=reason)


def describe_numbers(reading: Reading) -> str:
    """Say how a column is read as numbers, and what of it is not."""
    if reading.rule == "plain":
        said = "numbers" if reading.share == 1.0 else f"{percent(reading.share)} are numbers"
    else:
        said = f"{percent(reading.share)} look like '{reading.example}': the number is read"
    if reading.share == 1.0:
        return said
    dirty = "" if reading.share >= NUMERIC_SHARE else "dirty: "
    return f"{dirty}{said}, others such as '{reading.wrong}' count as missing"


def text(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as text."""
    return Column(name=evidence.name, kind="text", wire="string", null_tokens=ALWAYS_NULL, reason=reason)


def few(evidence: Evidence) -> str:
    """Name the commonest cells, three at most."""
    most = np.argsort(-evidence.counts, kind="stable")[:3]
    return ", ".join(f"'{str(evidence.texts[i])[:30]}'" for i in most)


def percent(share: float) -> str:
    """Write a share as percent, rounded down, so that only all is "all"."""
    if share == 1.0:
        return "all"
    return f"{np.floor(share * 1000) / 10:.1f} %".replace(".0 %", " %")
