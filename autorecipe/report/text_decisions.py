"""A stage's decisions as a table: what was tried, what it did to the loss and the score, what was kept."""

from __future__ import annotations

import dataclasses

from autorecipe.change import setting_text
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.trial import Confirmation, Decision
from autorecipe.report.text_words import (
    Line,
    Lines,
    effect_text,
    metric_of,
    sentence_lines,
    value_text,
)

MAX_TITLE = 36  # columns of text
LOSS_WIDTH = 20
STRENGTHS = (  # fields of a recipe that regularize, and what they are called
    ("dropout", "dropout"),
    ("drop_connect", "DropConnect"),
    ("stochastic_depth", "stochastic depth"),
    ("input_noise", "input noise"),
    ("activation_noise", "activation noise"),
    ("mixup", "mixup"),
    ("flip_horizontal", "flips"),
    ("flip_vertical", "flips upside down"),
    ("translation", "shifts"),
    ("rotation", "rotations"),
    ("zoom", "zoom"),
    ("shear", "slants"),
    ("aspect_jitter", "stretching"),
    ("crop", "crops"),
    ("brightness", "brightness"),
    ("contrast", "contrast"),
    ("saturation", "saturation"),
    ("hue", "hue"),
    ("cutout", "cutout"),
    ("cutmix", "CutMix"),
    ("manifold_mixup", "manifold mixup"),
    ("rand_augment", "RandAugment"),
    ("sam", "SAM"),
    ("l2", "L2"),
    ("l1", "L1"),
    ("input_l1", "input L1"),
    ("max_norm", "max norm"),
    ("weight_decay", "weight decay"),
    ("label_smoothing", "label smoothing"),
    ("clip_norm", "clipping at"),
    ("ema_decay", "weight averaging"),
)
NOT_MODEL_FIELDS = ("seed", "epochs")  # they differ without saying anything about the model
TEXT_TITLES = {"tf_idf_and_embedding": "words embedded", "tf_idf_and_gru": "GRU over the words"}


def decision_lines(decisions: tuple[Decision, ...], run: Run, *, by_training_loss: bool = False) -> Lines:
    """Write one line per change: kept or not, training loss before and after, effect on the validation score.

    The rule is written below where the numbers shown do not explain the decision.

    Parameters
    ----------
    by_training_loss : bool
        Whether a fall of the training loss is reason enough to keep a change, as in Overfit.
    """
    if not decisions:
        return ()
    width = min(max(len(d.change.title) for d in decisions), MAX_TITLE) + 2
    shows_loss = any(d.train_loss_before or d.train_loss_after for d in decisions)
    loss = "train log loss" if run.schema.task != "regression" else "train MSE"
    head = f"{'':8}{'':{width}}{loss if shows_loss else '':<{LOSS_WIDTH if shows_loss else 0}}"
    head += f"validation {metric_of(run.deciding_metric).title}, gain"
    lines = [Line(head, "dim")]
    for decision in decisions:
        is_plain = _is_plain(decision, by_training_loss=by_training_loss)
        lines.append(_decision_line(decision, width, shows_loss=shows_loss))
        lines += sentence_lines(decision.rule, indent=8, style="dim") if not is_plain else ()
    return tuple(lines)


def confirmation_lines(confirmation: Confirmation | None) -> Lines:
    """Write what fresh seeds said about the sum of a stage's changes."""
    if confirmation is None:
        return ()
    effect = effect_text(confirmation.effect, confirmation.error)
    if confirmation.confirmed:
        return sentence_lines(f"confirmed on new seeds: {effect}", style="good")
    return sentence_lines(f"taken back: on new seeds the sum of its changes is {effect}", style="bad")


def recipe_text(recipe: Recipe) -> str:
    """Write what a recipe is, in one line, saying only what is switched on."""
    parts = [_network_text(recipe)]
    if recipe.linear_path:
        parts.append("linear path")
    if recipe.numeric_scaling != "robust":
        parts.append(f"{recipe.numeric_scaling} scaling")
    if recipe.numeric_embedding != "none":
        parts.append("numbers embedded")
    if recipe.text_encoding != "tf_idf":
        parts.append(TEXT_TITLES[recipe.text_encoding])
    if recipe.target_transform != "none":
        parts.append("log(1 + target)")
    if recipe.class_weight != "none":
        parts.append(f"{recipe.class_weight} classes")
    if recipe.normalization != "none":
        parts.append(f"{recipe.normalization} normalization")
    strengths = {title: getattr(recipe, field) for field, title in STRENGTHS}
    parts += [f"{title} {strength:.3g}" for title, strength in strengths.items() if strength]
    parts.append(f"{recipe.optimizer_title} {recipe.learning_rate:.3g}")
    if recipe.schedule != "constant":
        parts.append(f"{recipe.schedule.replace('_', ' ')} schedule")
    parts.append(f"batch {recipe.batch_size}")
    return ", ".join(parts)


def _network_text(recipe: Recipe) -> str:
    if recipe.family == "custom":
        return ", ".join((recipe.architecture, *(f"{name} {setting_text(value)}" for name, value in recipe.knobs)))
    shape = f"{recipe.depth} x {recipe.width}" + (" funnel" if recipe.funnel else "")
    activation = "" if recipe.activation == "relu" else f", {recipe.activation.replace('_', ' ')}"
    return f"{recipe.family} {shape}{activation}"


def difference_text(start: Recipe, end: Recipe) -> str:
    """Write the fields in which two recipes differ: "learning rate 0.001 -> 0.0031, batch size 128 -> 64"."""
    parts = []
    for field in dataclasses.fields(Recipe):
        before, after = getattr(start, field.name), getattr(end, field.name)
        if before != after and field.name not in NOT_MODEL_FIELDS:
            parts.append(f"{field.name.replace('_', ' ')} {setting_text(before)} -> {setting_text(after)}")
    return ", ".join(parts)


def _decision_line(decision: Decision, width: int, *, shows_loss: bool) -> Line:
    title = decision.change.title
    title = title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 2]}.."
    before, after = decision.train_loss_before, decision.train_loss_after
    loss = f"{value_text(before)} -> {value_text(after)}" if before or after else ""
    effect = decision.rule if _has_failed(decision) else effect_text(decision.effect, decision.error)
    text = f"  {'kept' if decision.kept else 'no':<6}{title:<{width}}"
    text += f"{loss:<{LOSS_WIDTH if shows_loss else 0}}{effect}"
    return Line(text, "good" if decision.kept else "plain")


def _is_plain(decision: Decision, *, by_training_loss: bool) -> bool:
    fell = by_training_loss and decision.train_loss_after < decision.train_loss_before
    explained = decision.kept == (fell or decision.effect > decision.error)
    return explained or not decision.rule or _has_failed(decision)


def _has_failed(decision: Decision) -> bool:
    return decision.effect == 0 and decision.error == 0 and bool(decision.rule)
