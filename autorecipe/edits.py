"""Edits of a recipe as a person writes them, width=256 dropout=0.3, read and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args, get_origin, get_type_hints

from autorecipe.augmentations import LABEL_KEEPING, MIXTURES
from autorecipe.beginning import losses_for
from autorecipe.change import KNOB_PREFIX, Change, value_of
from autorecipe.config import Modality
from autorecipe.errors import UserError, nearest
from autorecipe.families import FAMILIES, family_named, modality_of, unread_fields
from autorecipe.recipe import Recipe, Value
from autorecipe.record.run import Run
from autorecipe.stages.portfolio import data_size, family_change

EXAMPLE = "width=256 dropout=0.3"
AUGMENTATIONS = (*LABEL_KEEPING, *(field for field in MIXTURES if field != "mixup"))
# they name the model rather than make it, or stand in for rows that validate
NOT_EDITED = ("architecture", "architecture_hash", "knobs", "seed", "stop_epoch")
LAYER_FIELDS = (  # of families whose layers are ours; the user's own architecture has knobs instead
    "family",
    "width",
    "depth",
    "funnel",
    "activation",
    "initializer",
    "normalization",
    "dropout",
    "drop_connect",
    "stochastic_depth",
    "activation_noise",
    "n_blocks",
    "pooling",
    "backbone",
)
# fields that only networks for images read
IMAGE_FIELDS = ("n_blocks", "pooling", "backbone", "n_unfrozen", "test_time", *AUGMENTATIONS)
YES_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Edits = tuple[tuple[str, Value], ...]
Edit = str | tuple[str, Value]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, in words and as a test."""

    text: str
    holds: Callable[[float], bool]


SHARE = Bounds("at least 0 and below 1", lambda value: 0 <= value < 1)
STRENGTH = Bounds("at least 0", lambda value: 0 <= value < float("inf"))
HALF_SHARE, MOST_MAGNITUDE = 0.5, 10
HALF = Bounds("from 0 to 0.5", lambda value: 0 <= value <= HALF_SHARE)
POSITIVE = Bounds("more than 0", lambda value: 0 < value < float("inf"))
COUNT = Bounds("at least 1", lambda value: 1 <= value < float("inf"))
# as the docstring of `Recipe` states them
BOUNDS: dict[str, Bounds] = {
    **dict.fromkeys(("width", "depth", "embedding_dim", "epochs", "batch_size"), COUNT),
    **dict.fromkeys(("n_frequencies", "n_members", "n_heads"), COUNT),
    **dict.fromkeys(("frequency_scale", "scale_rate", "bias_rate", "embedding_rate"), POSITIVE),
    **dict.fromkeys(("first_layer_rate", "activation_rate"), POSITIVE),
    "beta_2": Bounds("more than 0 and below 1", lambda value: 0 < value < 1),
    **dict.fromkeys(
        ("dropout", "drop_connect", "stochastic_depth", "label_smoothing", "warm_up_share", "ema_decay"), SHARE
    ),
    **dict.fromkeys(("crop", "cutout"), SHARE),
    "n_blocks": COUNT,
    **dict.fromkeys(("flip_horizontal", "flip_vertical", "hue"), HALF),
    "translation": Bounds("at least 0 and below 0.5", lambda value: 0 <= value < HALF_SHARE),
    "rand_augment": Bounds("from 0 to 10", lambda value: 0 <= value <= MOST_MAGNITUDE),
    "n_bins": Bounds("at least 2", lambda value: 2 <= value < float("inf")),
    "learning_rate": POSITIVE,
    "row_share": Bounds("more than 0 and at most 1", lambda value: 0 < value <= 1),
}


def read_edits(words: Sequence[str], recipe: Recipe, *, modality: Modality = "table") -> Edits:
    """Read FIELD=VALUE words by the types of the recipe's fields; "knobs.NAME" by the knob's own.

    Parameters
    ----------
    modality : str
        What the rows of the run are.

    Raises
    ------
    UserError
        When a word is no FIELD=VALUE, a field is unknown (the nearest is named), or a value has the wrong type.
    """
    edits: list[tuple[str, Value]] = []
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip() or not text.strip():
            raise UserError(f"'{word}' is not FIELD=VALUE", where="try", fix=f"write it as: {EXAMPLE}")
        field = known_field(name.strip(), recipe, modality=modality)
        edits.append((field, _value_from(text.strip(), field, recipe)))
    return tuple(edits)


def change_of(edits: Edits, recipe: Recipe, run: Run) -> Change:
    """Return the edits as one change, checked: names, types, ranges and choices.

    Raises
    ------
    UserError
        When a field is unknown or named twice, a value has another type or is out of its range, or nothing would
        change.
    """
    if not edits:
        raise UserError("no change was named", where="try", fix=f"name one: {EXAMPLE}")
    checked: dict[str, Value] = {}
    for name, value in edits:
        field = known_field(name, recipe, modality=run.schema.modality)
        if field in checked:
            raise UserError(f"'{field}' is named twice", where=f"{field}={value}", fix="name each field once")
        checked[field] = _checked(value, field, recipe, run)
    changed = {field: value for field, value in checked.items() if value != value_of(recipe, field)}
    if not changed:
        same = ", ".join(f"{field} {value}" for field, value in checked.items())
        raise UserError(f"the recipe has {same} already", where="try", fix="name another value")
    title = ", ".join(f"{_said(field)} {value_of(recipe, field)} -> {value}" for field, value in changed.items())
    return Change(
        edits=tuple({**_brought_along(changed, recipe, run), **changed}.items()), title=title, reason="your idea"
    )


def _brought_along(changed: dict[str, Value], recipe: Recipe, run: Run) -> dict[str, Value]:
    """Return what another family brings along: its own defaults, without which it would be another one's settings."""
    name = changed.get("family")
    named = next((family.name for family in FAMILIES if family.name == name), None)
    return dict(family_change(named, recipe, data_size(run)).edits) if named else {}


def known_field(name: str, recipe: Recipe, *, modality: Modality = "table") -> str:
    """Return the field of a recipe, or the knob of its architecture ("knobs.NAME", or the bare name), called so.

    Parameters
    ----------
    modality : str
        What the rows of the run are.

    Raises
    ------
    UserError
        When there is none, with the nearest name; or when it is one that an idea cannot change.
    """
    plain = name.replace("-", "_")
    family = family_named(recipe.family)
    unread = unread_fields(family, modality)
    fixed = (*NOT_EDITED, *unread) if family.grows else (*NOT_EDITED, *LAYER_FIELDS, *unread)
    fixed += IMAGE_FIELDS if modality_of(family, modality) == "table" else ()
    fields = [f.name for f in dataclasses.fields(Recipe) if f.name not in fixed]
    knobs = [f"{KNOB_PREFIX}{knob}" for knob, _ in recipe.knobs]
    if plain in (*fields, *knobs):
        return plain
    if f"{KNOB_PREFIX}{plain}" in knobs:
        return f"{KNOB_PREFIX}{plain}"
    if plain in fixed:
        fix = f"change a knob: {knobs[0]}=..." if knobs else f"change another field: {EXAMPLE}"
        raise UserError(f"'{plain}' is not for an idea to change", where=f"{name}=", fix=fix)
    near = nearest(plain.removeprefix(KNOB_PREFIX), (*dict(recipe.knobs), *fields))
    known = f"one of: {', '.join((*knobs, *fields))}"
    raise UserError(
        f"a recipe has no field '{name}'", where=f"{name}=", fix=f"did you mean '{near}'?" if near else known
    )


def _value_from(text: str, field: str, recipe: Recipe) -> Value:
    kind = _kind_of(field, recipe)
    try:
        if kind is bool:
            return YES_NO[text.casefold()]
        if kind is int:
            return int(text)
        return float(text) if kind is float else text
    except (KeyError, ValueError):
        raise _wrong(field, f"'{text}'", _expected(field, recipe)) from None


def _checked(value: Value, field: str, recipe: Recipe, run: Run) -> Value:
    kind, expected = _kind_of(field, recipe), _expected(field, recipe)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise _wrong(field, repr(value), expected)
    bounds, choices = _bounds_of(field, recipe), _choices_of(field, recipe, run)
    if choices and value not in choices:
        near = nearest(str(value), choices)
        expected = f"one of: {', '.join(choices)}"
        raise _wrong(field, f"'{value}'", f"did you mean '{near}'? {expected}" if near else expected)
    if bounds is not None and not isinstance(value, str) and not bounds.holds(value):
        raise _wrong(field, str(value), expected)
    return value


def _kind_of(field: str, recipe: Recipe) -> type:
    return type(value_of(recipe, field))


def _bounds_of(field: str, recipe: Recipe) -> Bounds | None:
    if field in BOUNDS:
        return BOUNDS[field]
    is_number = _kind_of(field, recipe) in (int, float) and not field.startswith(KNOB_PREFIX)
    return STRENGTH if is_number else None


def _choices_of(field: str, recipe: Recipe, run: Run) -> tuple[str, ...]:
    if field.startswith(KNOB_PREFIX):
        return ()
    if field == "loss":
        return losses_for(run.schema.task)
    hint = get_type_hints(Recipe)[field]
    choices = tuple(get_args(hint)) if get_origin(hint) is Literal else ()
    if field == "family":
        taking = {family.name for family in FAMILIES if family.modality == run.schema.modality}
        choices = tuple(c for c in choices if c in taking)
    return tuple(c for c in choices if c != "custom")  # a family that needs a function


def _expected(field: str, recipe: Recipe) -> str:
    kind, bounds = _kind_of(field, recipe), _bounds_of(field, recipe)
    named = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}[kind]
    return f"expected {named} {bounds.text}" if bounds else f"expected {named}"


def _said(field: str) -> str:
    return f"knob {field.removeprefix(KNOB_PREFIX)}" if field.startswith(KNOB_PREFIX) else field.replace("_", " ")


def _wrong(field: str, got: str, expected: str) -> UserError:
    return UserError(f"{field}={got.strip(chr(39))} cannot be: {expected}", where=f"{field}=", fix=f"as in: {EXAMPLE}")
