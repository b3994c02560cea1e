"""What the images of a run are like: their sizes and how bright their channels are."""

from __future__ import annotations

from autorecipe.record.profile import ImageSummary
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Chart, Colour, Dots, Figure, Line, Panel, height_of
from autorecipe.report.plots.names import number_text

SIZES = ("smallest", "median", "largest")
CHANNELS: dict[int, tuple[tuple[str, Colour], ...]] = {
    1: (("grey", "dim"),),
    3: (("red", "bad"), ("green", "three"), ("blue", "one")),
}


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw widths and heights, and each channel's mean and standard deviation."""
    images = run.profile.images if run.profile else None
    return () if images is None else (_sizes(images), *_channels(images))


def _sizes(images: ImageSummary) -> Chart:
    sides = (("width", images.widths), ("height", images.heights))
    marks = [
        mark
        for i, (_, values) in enumerate(sides)
        for mark in (
            Line(points=tuple((float(value), float(i)) for value in values), is_thin=True),
            Dots(points=tuple((float(value), float(i)) for value in values), is_large=True),
        )
    ]
    panel = Panel(
        x=Axis(label="pixels: smallest, median, largest", is_log=max(images.widths) > 4 * min(images.widths)),
        y=Axis(names=("width", "height")),
        marks=tuple(marks),
        height=height_of(3),
    )
    said = (f"{name}s from {low:,} to {high:,}, median {middle:,}" for name, (low, middle, high) in sides)
    return Chart(
        name="image_sizes",
        section="data",
        title="Sizes of the images",
        alt=f"Sizes of the images in pixels: {'; '.join(said)}.",
        figure=Figure(panels=(panel,)),
        header=("side", *SIZES),
        rows=tuple((name, *values) for name, values in sides),
    )


def _channels(images: ImageSummary) -> tuple[Chart, ...]:
    known = CHANNELS.get(len(images.channel_mean))
    if known is None:
        return ()
    parts = list(zip(known, images.channel_mean, images.channel_std, strict=True))
    marks = tuple(
        Dots(
            points=((mean, float(i)),),
            errors=((mean - std, mean + std),),
            across="x",
            colour=colour,
            is_large=True,
        )
        for i, ((_, colour), mean, std) in enumerate(parts)
    )
    panel = Panel(
        x=Axis(label="brightness: mean ± standard deviation of the pixels", low=0.0, high=1.0),
        y=Axis(names=tuple(name for (name, _), _, _ in parts)),
        marks=marks,
        height=height_of(len(parts)),
    )
    said = ", ".join(f"{name} {number_text(mean)} ± {number_text(std)}" for (name, _), mean, std in parts)
    return (
        Chart(
            name="image_brightness",
            section="data",
            title="Brightness of the images",
            alt=f"Mean ± standard deviation of the pixels from 0 to 1: {said}.",
            figure=Figure(panels=(panel,)),
            header=("channel", "mean", "standard deviation"),
            rows=tuple((name, mean, std) for (name, _), mean, std in parts),
        ),
    )
