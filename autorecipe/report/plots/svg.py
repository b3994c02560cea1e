"""An SVG for a page: colours that follow it, ids of its own, nothing that reaches beyond it; or one to stand alone."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from autorecipe.report.plots.figure import Colour

# what Matplotlib draws with, and what takes its place: lines and texts follow the page, colours may be set by it. The
# hues are Okabe and Ito's (2008), which the colour-blind tell apart, at a lightness that has a contrast of 3 to 1
# (WCAG 2.2, 1.4.11) to a white and to a black page
INK = "#010203"
COLOURS: dict[Colour, tuple[str, str]] = {
    "ink": (INK, "currentColor"),
    "dim": ("#010204", "var(--series-dim, #7a7f87)"),
    "one": ("#010205", "var(--series-1, #3b7cb8)"),
    "two": ("#010206", "var(--series-2, #d5620f)"),
    "three": ("#010207", "var(--series-3, #158a67)"),
    "four": ("#010208", "var(--series-4, #b0619a)"),
    "bad": ("#010209", "var(--series-bad, #cf3f3f)"),
}
ALONE_INK = "#1b1f24"  # of a drawing that stands alone on white
ALONE_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
SPACE = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"#([\w.-]+)")
_VARIABLE = re.compile(r"var\([\w-]+, (#[0-9a-f]{6})\)")
_DROPPED = ("metadata", "style")  # the style would hold for the whole page
_NUMERIC = ("d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "transform", "points")
_FONT = re.compile(r"font: (?:[\w ]* )?(\d+(?:\.\d+)?)px [^;]*")  # of versions before 3.11
_FAMILY = re.compile(r"font-family: [^;]*(?:; )?")
_USELESS_TURN = re.compile(r"rotate\(-?0(?:\.0+)? [^)]*\)")


def for_page(svg: str, name: str) -> str:
    """Return Matplotlib's SVG for inlining: without width, height and style, its ids beginning with `name`."""
    root = ElementTree.fromstring(svg.encode())
    box = root.attrib["viewBox"]
    _strip(root)
    root.attrib.clear()
    root.attrib.update({"xmlns": SPACE, "viewBox": _shortened(box), "font-family": "inherit"})
    root.attrib["style"] = "stroke-linejoin: round"
    _rename_ids(root, name)
    text: str = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    for sentinel, colour in COLOURS.values():
        text = text.replace(sentinel, colour)
    return text


def named(svg: str, alt: str) -> str:
    """Return an SVG that says to a screen reader what is to be seen in it."""
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)


def stand_alone(svg: str, scale: float = 2.0) -> str:
    """Return a page's SVG as a file of its own: with a size, a white ground and colours that need no page."""
    width, height = (float(part) for part in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    size = f'width="{scale * width:g}" height="{scale * height:g}"'
    text = _VARIABLE.sub(r"\1", svg).replace("currentColor", ALONE_INK)
    text = text.replace("<svg ", f"<svg {size} ", 1).replace('font-family="inherit"', f'font-family="{ALONE_FONT}"')
    head = text.index(">") + 1
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text[:head]}{ground}{text[head:]}\n'


def _strip(element: Element) -> None:
    """Drop what is not drawn, and groups that hold nothing together; shorten names, numbers and styles."""
    element.tag = element.tag.removeprefix(f"{{{SPACE}}}")
    element.tail = None
    if element.tag != "text":
        element.text = None
    _shorten(element)
    children = []
    for child in list(element):
        _strip(child)
        if child.tag in _DROPPED or (child.tag in ("g", "defs") and not len(child)):
            continue
        _hoist_style(child)
        is_bare = child.tag == "g" and not (set(child.attrib) - {"id"})
        children += list(child) if is_bare else [child]
    element[:] = children


def _hoist_style(group: Element) -> None:
    """Give the style that all markers of a group share to the group, from which they inherit it."""
    styles = {child.attrib.get("style", "") if child.tag == "use" else None for child in group}
    if group.tag == "g" and len(group) > 1 and len(styles) == 1 and None not in styles and "style" not in group.attrib:
        group.attrib["style"] = group[0].attrib["style"]
        for child in group:
            del child.attrib["style"]


def _shorten(element: Element) -> None:
    if XLINK in element.attrib:
        element.attrib["href"] = element.attrib.pop(XLINK)
    for key in _NUMERIC:
        if key in element.attrib:
            element.attrib[key] = _USELESS_TURN.sub("", _shortened(element.attrib[key])).strip()
    if not element.attrib.get("transform", "-"):
        del element.attrib["transform"]
    if "style" in element.attrib:
        element.attrib["style"] = _FAMILY.sub("", _FONT.sub(r"font-size: \1px", element.attrib["style"]))


def _shortened(text: str) -> str:
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)


def _rename_ids(root: Element, name: str) -> None:
    """Keep the ids that something refers to, numbered in their order behind the plot's name."""
    used = {
        found
        for element in root.iter()
        for key in ("href", "clip-path", "style")
        for found in _REFERENCE.findall(element.attrib.get(key, ""))
    }
    new: dict[str, str] = {}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in used:
            element.attrib["id"] = new.setdefault(str(old), f"{name}-{len(new)}")
    for element in root.iter():
        for key in ("href", "clip-path", "style"):
            if "#" in element.attrib.get(key, ""):
                element.attrib[key] = _REFERENCE.sub(lambda f: f"#{new.get(f[1], f[1])}", element.attrib[key])
