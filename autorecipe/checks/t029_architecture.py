"""The layers are put together in a way that seldom helps.

What it looks for: dropout above one half, two dense layers with nothing between them, a bias right before a batch
normalization, dropout right before one, batch normalization with tiny batches, softmax in a hidden layer, an activation
on the output of a regression, hidden kernels from a constant.

Why it matters: each costs something for nothing: units that are switched off most of the time, a layer that adds no
function, a parameter without effect, statistics that differ between training and inference.

How to read it: it is read off the configuration, nothing is measured. Rules about neighbours hold for layers in one
line and are left out for networks with branches. What only wastes parameters is information.

Limits: dropout 0.5 (UMLAUT); batches of 8 for batch normalization (recipe rule F3); the rules about biases and dropout
before batch normalization and constant kernels are NeuraLint's (Nikanjam et al. 2021), the one about missing
activations UMLAUT's.
"""

from __future__ import annotations

from collections.abc import Iterator

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import N_SHOWN, Voice, several
from autorecipe.checks.wording import plural
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Severity
from autorecipe.record.network_readings import LayerFact

CODE = "T029"
TITLE = "Architecture"
DROPOUT_LIMIT = 0.5  # UMLAUT
SMALLEST_BATCH = 8  # rows, for batch normalization: recipe rule F3
USUAL_BATCH = 32  # rows: recipe rule B2
USUAL_DROPOUT = "dropout of 0.1 to 0.5"  # recipe rules D1 and D2
DENSE = ("Dense",)
BATCH_NORM = ("BatchNormalization",)
DROPOUT = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "VariableDropout")
# layers that change a dense layer's values along straight lines only, or not at all
STRAIGHT = (*DROPOUT, *BATCH_NORM, "Flatten", "Reshape", "Rescaling", "GaussianNoise", "VariableNoise", "Identity")
MERGING = ("Add", "Concatenate", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Dot", "MultiHeadAttention")
CONSTANTS = ("zeros", "ones", "constant")

Note = tuple[Severity, str, str]  # how grave, what, and what to do
VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Tell every odd choice in one finding, the gravest first."""
    layout = evidence.preflight.layout
    if layout is None or not layout.layers:
        raise NotApplicable("the layers were not read")
    notes = sorted(_notes(evidence, layout.layers), key=lambda note: note[0] != "warn")
    if not notes:
        return Verdict(text=f"{plural(len(layout.layers), 'layer')} put together as is usual")
    message = several([text for _, text, _ in notes])
    is_grave = notes[0][0] == "warn"
    remedy = "; ".join(dict.fromkeys(remedy for _, _, remedy in notes[:N_SHOWN]))
    rates = [layer.rate for layer in layout.layers if layer.kind in DROPOUT]
    too_high = max(rates, default=0.0) > DROPOUT_LIMIT
    return VOICE.says(
        notes[0][0],
        message[:1].upper() + message[1:],
        remedy=remedy,
        action="repair" if is_grave else "none",
        measured=max(rates) if too_high else None,
        limit=DROPOUT_LIMIT if too_high else None,
    )


def _notes(evidence: Evidence, layers: tuple[LayerFact, ...]) -> Iterator[Note]:
    rates = [layer for layer in layers if layer.kind in DROPOUT and layer.rate > DROPOUT_LIMIT]
    if rates:
        worst = max(rates, key=lambda layer: layer.rate)
        yield (
            "warn",
            f"dropout {worst.rate:g} in {worst.name} switches most units off (limit {DROPOUT_LIMIT:g})",
            USUAL_DROPOUT,
        )
    if evidence.facts.batch_size < SMALLEST_BATCH and any(layer.kind in BATCH_NORM for layer in layers):
        size = evidence.facts.batch_size
        yield (
            "warn",
            f"batch normalization on batches of {size} (limit {SMALLEST_BATCH})",
            "layer normalization, or a larger batch",
        )
    yield from _about_dense(evidence, layers)
    if not any(layer.kind in MERGING for layer in layers):
        yield from _about_neighbours(layers)


def _about_dense(evidence: Evidence, layers: tuple[LayerFact, ...]) -> Iterator[Note]:
    dense = [layer for layer in layers if layer.kind in DENSE]
    for layer in dense[:-1]:
        if layer.activation == "softmax":
            yield "warn", f"softmax in the hidden layer {layer.name} leaves little to pass on", "use ReLU there"
        if evidence.preflight.internals is None and layer.kernel_initializer.casefold() in CONSTANTS:
            yield (
                "warn",
                f"the kernel of {layer.name} starts constant, so its units stay alike",
                "use a random initializer",
            )
    is_regression = evidence.facts.task == "regression"
    if dense and is_regression and evidence.preflight.head is None and dense[-1].activation != "linear":
        yield "warn", f"the output of a regression ends in {dense[-1].activation}", "use a linear output"


def _about_neighbours(layers: tuple[LayerFact, ...]) -> Iterator[Note]:
    last: LayerFact | None = None
    for before, layer in zip((None, *layers), layers, strict=False):
        if layer.kind in BATCH_NORM and before is not None:
            if before.kind in DENSE and before.use_bias and before.activation == "linear":
                yield "info", f"the bias of {before.name} has no effect before batch normalization", "use_bias=False"
            if before.kind in DROPOUT and before.rate > 0:
                yield (
                    "info",
                    f"dropout right before {layer.name} shifts the spread that it has learned",
                    "put dropout behind it",
                )
        if layer.kind in DENSE:
            if last is not None:
                yield (
                    "warn",
                    f"{last.name} and {layer.name} have no activation between them: together they are one",
                    "put a ReLU there",
                )
            last = layer if layer.activation == "linear" else None
        elif layer.kind not in STRAIGHT:
            last = None


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Lower the dropout; take a normalization that suits the batch."""
    high = (remedies.dropout(recipe, DROPOUT_LIMIT / 2),) if recipe.dropout > DROPOUT_LIMIT else ()
    is_small = recipe.normalization == "batch" and recipe.batch_size < SMALLEST_BATCH
    small = (remedies.normalization("layer"), remedies.batch(recipe, USUAL_BATCH)) if is_small else ()
    return (*high, *small)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Are the layers put together as is usual?",
    when="before",
    judge=judge,
    repairs=repairs,
)
