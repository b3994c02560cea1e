"""What the profile says of images: sizes, formats, classes, and what every image is brought to."""

from __future__ import annotations

from autorecipe.listing import some_of
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.record.profile import ColumnProfile, ImageSummary
from autorecipe.record.run import Run
from autorecipe.report.text_words import Line, Lines, count_text, labelled

INDENT = 11  # columns, so that what is said stands below each other
N_CLASSES = 5  # classes listed: as many as the profile keeps
MAX_MODES = 4  # formats and modes listed


def image_lines(run: Run) -> Lines:
    """Write what the images are like and what a network gets of them; empty for a table."""
    images = run.profile.images if run.profile else None
    if images is None:
        return ()
    spec = images.spec
    lines = (*_line("images", _images_text(images)), *_line("pixels", _pixels_text(images)))
    if spec is None:
        return lines
    return (*lines, *labelled("  input", _input_text(spec), flag="--image-side", indent=INDENT))


def class_lines(run: Run) -> Lines:
    """Write how many training images each class has, the largest first; for a number its range."""
    target = next((c for c in run.profile.columns if c.name == run.schema.target), None) if run.profile else None
    if target is None:
        return ()
    if run.schema.task == "regression":
        return _line("target", _number_text(target))
    classes = tuple(f"{name} {n:,}" for name, n in target.top)
    return _line("classes", some_of(classes, N_CLASSES, n_all=target.n_distinct))


def picture_lines(run: Run) -> Lines:
    """Write where the contact sheets are; empty without any."""
    images = run.profile.images if run.profile else None
    if images is None or not images.pictures:
        return ()
    folder = images.pictures[0][1].rpartition("/")[0]
    return labelled("  look", f"{count_text(len(images.pictures), 'contact sheet')} in {folder}/", indent=INDENT)


def _input_text(spec: ImageSpec) -> str:
    if spec.reason.startswith(f"{spec.width} x {spec.height}"):  # it names the size, the fit and the channels itself
        return spec.reason
    return f"{spec.width} x {spec.height}, {count_text(spec.channels, 'channel')}, {spec.fit}: {spec.reason}"


def _images_text(images: ImageSummary) -> str:
    sizes = _size_text(images)
    kind = "photos" if images.is_photo else "no natural photos"
    aspects = f"width over height {images.aspects[0]:.2f} to {images.aspects[2]:.2f}"
    square = images.aspects[0] == images.aspects[2]
    formats = tuple(("arrays" if name == "array" else name, n) for name, n in images.formats)
    return f"{_counts_text(formats)}; {sizes}{'' if square else f'; {aspects}'}; {kind}"


def _size_text(images: ImageSummary) -> str:
    (narrow, width, wide), (low, height, high) = images.widths, images.heights
    if narrow == wide and low == high:
        return f"all {width} x {height} px"
    return f"{width} x {height} px in the median, from {narrow} x {low} to {wide} x {high}"


def _pixels_text(images: ImageSummary) -> str:
    means, stds = (" ".join(f"{v:.2f}" for v in values) for values in (images.channel_mean, images.channel_std))
    grey = f", {images.n_grey:,} without colour" if images.n_grey else ""
    return f"{_counts_text(images.modes)}{grey}; channels have means {means} and deviations {stds} of 1"


def _counts_text(counts: tuple[tuple[str, int], ...]) -> str:
    shown = ", ".join(f"{n:,} {name}" for name, n in counts[:MAX_MODES])
    rest = sum(n for _, n in counts[MAX_MODES:])
    return shown + (f", {rest:,} others" if rest else "")


def _number_text(target: ColumnProfile) -> str:
    if target.minimum is None or target.median is None or target.maximum is None:
        return "no numbers"
    return f"{target.name} from {target.minimum:.4g} to {target.maximum:.4g}, median {target.median:.4g}"


def _line(label: str, text: str) -> tuple[Line, ...]:
    return labelled(f"  {label}", text, indent=INDENT)
