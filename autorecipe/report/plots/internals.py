"""What happens between inputs and outputs: activations and gradients by depth, updates by epoch (T015-T019)."""

from __future__ import annotations

import math
from collections.abc import Callable

from autorecipe.record.network_readings import Internals, LayerReading
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Cells, Chart, Colour, Dots, Figure, Line, Mark, Panel, height_of
from autorecipe.report.plots.names import number_text, power_text, short_names
from autorecipe.report.text_words import count_text

MOST_LAYERS = 20  # rows of the heat map; of deeper networks every second, third ... layer is shown
MOST_LOOKS = 8
MOST_SIGNS = 16  # of a layer's name
LOW_RATIO, HIGH_RATIO = -5.0, -1.0  # powers of ten that are palest and strongest; about -3 is sound (Karpathy 2017)


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the looks into the final network, or into the first before it was trained."""
    looks = _looks(run)
    return () if not looks else (*_by_depth(looks), *_updates(looks))


def _looks(run: Run) -> tuple[Internals, ...]:
    for result in reversed(run.stages):
        fits = result.best.fits if result.best else ()
        found = next((fit.internals for fit in fits if fit.internals), ())
        if found:
            return tuple(look for look in found if look.layers)
    before = next((s.preflight.internals for s in run.stages if s.preflight and s.preflight.internals), None)
    return (before,) if before is not None and before.layers else ()


def _by_depth(looks: tuple[Internals, ...]) -> tuple[Chart, ...]:
    shown = looks[:1] if len(looks) == 1 else (looks[0], looks[-1])
    names = [_when(look) for look in shown]
    activations = _panel("spread of the outputs", shown, names, value_of=lambda layer: layer.output_std)
    gradients = _panel("norm of the gradient", shown, [""] * len(shown), value_of=lambda layer: layer.gradient_norm)
    if not activations.marks or not gradients.marks:
        return ()
    layers = shown[-1].layers
    norms = [layer.gradient_norm for layer in layers if layer.gradient_norm > 0] or [0.0]
    stds = [layer.output_std for layer in layers]
    alt = (
        f"{count_text(len(layers), 'layer')} {names[-1]}: outputs spread by {number_text(min(stds))} to "
        f"{number_text(max(stds))}, gradients from {number_text(min(norms))} to {number_text(max(norms))}."
    )
    return (
        Chart(
            name="layers",
            section="checks",
            title="Activations and gradients by depth",
            alt=alt,
            figure=Figure(panels=(activations, gradients)),
            header=("epoch", "layer", "name", "output std", "dead share", "gradient norm", "update ratio"),
            rows=tuple(
                (look.epoch, i, *_numbers(layer)) for look in looks for i, layer in enumerate(look.layers, start=1)
            ),
        ),
    )


def _numbers(layer: LayerReading) -> tuple[str | float, ...]:
    ratio = math.nan if layer.update_ratio is None else layer.update_ratio
    return (layer.name, layer.output_std, layer.dead_share, layer.gradient_norm, ratio)


def _when(look: Internals) -> str:
    return "before training" if look.epoch == 0 else f"after epoch {look.epoch}"


def _panel(
    label: str, looks: tuple[Internals, ...], names: list[str], *, value_of: Callable[[LayerReading], float]
) -> Panel:
    marks: list[Mark] = []
    colours: tuple[Colour, ...] = ("dim", "one") if len(looks) > 1 else ("one",)
    for look, name, colour in zip(looks, names, colours, strict=True):
        points = tuple((float(i), value_of(layer)) for i, layer in enumerate(look.layers, start=1))
        points = tuple(point for point in points if math.isfinite(point[1]) and point[1] > 0)
        if points:
            marks += [Line(points=points, colour=colour, label=name), Dots(points=points, colour=colour)]
    x = Axis(label="layer, from the inputs", is_whole=True)
    return Panel(x=x, y=Axis(label=label, is_log=True), marks=tuple(marks), height=85.0)


def _updates(looks: tuple[Internals, ...]) -> tuple[Chart, ...]:
    """Draw the size of an update over that of the weights, layer by layer and look by look."""
    step = -(-len(looks[0].layers) // MOST_LAYERS)
    layers = looks[0].layers[::step]
    cells, rows = _ratios(looks, layers)
    if len(looks) < 2 or not cells:
        return ()
    names = short_names(tuple(layer.name for layer in layers), most=MOST_SIGNS)
    panel = Panel(
        x=Axis(label="after epoch", names=tuple(str(look.epoch) for look in looks[:MOST_LOOKS])),
        y=Axis(names=names),
        marks=(Cells(cells=cells),),
        height=height_of(len(names)),
    )
    last = [ratio for epoch, _, ratio in rows if epoch == rows[-1][0]]
    alt = (
        f"Size of an update over that of the weights (about 1e-3 is sound): after epoch {rows[-1][0]} from "
        f"{power_text(min(last))} to {power_text(max(last))} over {count_text(len(last), 'layer')}."
    )
    return (
        Chart(
            name="updates",
            section="checks",
            title="Updates against weights (T019)",
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("epoch", "layer", "update ratio"),
            rows=rows,
        ),
    )


def _ratios(
    looks: tuple[Internals, ...], layers: tuple[LayerReading, ...]
) -> tuple[tuple[tuple[float, float, float, str], ...], tuple[tuple[int, str, float], ...]]:
    """Return the coloured cells, and the table's rows, of the ratios that can be drawn."""
    cells, rows = [], []
    for column, look in enumerate(looks[:MOST_LOOKS]):
        ratios = {layer.name: layer.update_ratio for layer in look.layers}
        for row, layer in enumerate(layers):
            ratio = ratios.get(layer.name)
            if ratio is not None and math.isfinite(ratio) and ratio > 0:
                strength = (math.log10(ratio) - LOW_RATIO) / (HIGH_RATIO - LOW_RATIO)
                cells.append((float(column), float(row), strength, power_text(float(f"{ratio:.1g}"))))
                rows.append((look.epoch, layer.name, ratio))
    return tuple(cells), tuple(rows)
