"""The page as a file: whole, escaped, and readable by a parser."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from html.parser import HTMLParser

import pytest
from rich_data import HOSTILE
from rich_run import classification_run, regression_run, unfinished_run, wide_run

from autorecipe.report.page.content import report_of
from autorecipe.report.page.first import Place
from autorecipe.report.page.html import _number, as_html, bars, isolated, kept_whole
from autorecipe.report.plots.plot import Plot

VOID = {"meta", "link", "img", "input", "br", "hr", "path", "circle", "rect", "line", "use"}
PLOT = Plot(
    name="loss_at_start",
    section="checks",
    title="Loss at the start",
    alt="It is 0.69 where 0.69 was expected.",
    svg='<svg viewBox="0 0 10 10"><path d="M0 0H9"/></svg>',
    header=("what", "loss"),
    rows=(("measured", 0.694),),
)


class Page(HTMLParser):
    """The tags of a page with their attributes, what is open, and the texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def html_of(run, *plots, show_values=False, show_samples=True):
    place = Place(path="runs/people-1", names=frozenset({"export", "run.json", "recipe.yaml"}))
    report = report_of(
        run, plots, place, show_values=show_values, show_samples=show_samples, written="Written on 2026-01-01"
    )
    return as_html(report)


RUNS = {
    "classes": classification_run,
    "regression": regression_run,
    "unfinished": unfinished_run,
    "hostile": lambda: classification_run(hostile=True),
}
each = pytest.mark.parametrize("name", list(RUNS))


@pytest.fixture(scope="module")
def pages():
    return {name: Page(html_of(make(), PLOT)) for name, make in RUNS.items()}


@each
def test_every_tag_is_closed_in_its_order(pages, name):
    assert pages[name].open == []


@each
def test_there_is_one_first_heading_and_levels_are_not_skipped(pages, name):
    levels = [int(tag[1]) for tag, _ in pages[name].tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@each
def test_no_id_is_given_twice_and_every_link_leads_to_one(pages, name):
    ids = [own["id"] for _, own in pages[name].tags if "id" in own]
    assert len(ids) == len(set(ids))
    assert {own["href"][1:] for own in pages[name].all("a")} <= set(ids)


@each
def test_nothing_is_loaded_from_anywhere(pages, name):
    sources = [own[key] for _, own in pages[name].tags for key in ("src", "href", "action", "data") if own.get(key)]
    assert [source for source in sources if not source.startswith(("#", "data:"))] == []
    assert "url(" not in "".join(own.get("style") or "" for _, own in pages[name].tags)


@each
def test_the_policy_forbids_the_network_and_every_script_but_its_own(pages, name):
    policy = next(own["content"] for own in pages[name].all("meta") if own.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+'", policy)
    assert len(pages[name].all("script")) == 1


@each
def test_landmarks_a_language_and_a_skip_link_are_there(pages, name):
    page = pages[name]
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


@each
def test_every_header_cell_has_a_scope_and_every_drawing_a_name(pages, name):
    page = pages[name]
    assert all(own.get("scope") in ("col", "row") for own in page.all("th"))
    drawings = [own for tag, own in page.tags if own.get("role") == "img" or tag == "img"]
    assert all(own.get("aria-label") or own.get("alt") for own in drawings)


@each
def test_tables_scroll_within_a_box_that_the_keyboard_reaches(pages, name):
    page = pages[name]
    boxes = [own for own in page.all("div") if own.get("class") == "scroll"]
    assert len(boxes) == len(page.all("table"))
    assert all(own["tabindex"] == "0" and own["aria-label"] for own in boxes)


def test_hostile_names_and_cells_become_text():
    page = Page(html_of(classification_run(hostile=True), show_values=True))
    assert len(page.all("script")) == 1
    assert [own for own in page.all("img") if not own["src"].startswith("data:")] == []
    assert not any(key.startswith("on") for _, own in page.tags for key in own)
    text = "".join(page.texts)
    assert all(name in text for name in HOSTILE[:4])


def test_a_long_name_is_cut_with_its_length():
    html = html_of(classification_run(hostile=True), show_values=True)
    assert "x" * 200 not in html
    assert "(10,000 characters)" in html


def test_names_are_set_apart_so_that_they_turn_nothing_around_them():
    page = html_of(classification_run(hostile=True))
    assert "<bdi>\u202eعمر المشتري\u202c</bdi>" in page
    assert isolated("b < عمر", ("عمر",)) == "b &lt; <bdi>عمر</bdi>"


def test_a_run_of_two_thousand_columns_stays_below_three_megabytes():
    html = html_of(wide_run())
    assert len(html.encode()) < 3_000_000
    assert html.count('<svg class="spark"') == 200
    assert "The first 200 of 2,000 columns are shown" in html


def test_a_plot_is_drawn_with_its_words_and_numbers(pages):
    page = pages["classes"]
    (canvas,) = (own for own in page.all("div") if own.get("class") == "canvas")
    assert canvas == {"class": "canvas", "role": "img", "aria-label": PLOT.alt}
    assert "0.694" in "".join(page.texts)


def test_plots_that_would_make_the_page_too_large_are_told_in_words():
    large = dataclasses.replace(PLOT, name="large", svg=f"<svg>{'<g/>' * 300_000}</svg>")
    html = html_of(classification_run(), large, PLOT)
    assert len(html) < 1_000_000
    assert "the page would be too large" in html
    assert html.count('class="canvas"') == 1


def test_a_running_page_says_what_is_next_and_can_be_reloaded(pages):
    text = " ".join("".join(pages["unfinished"].texts).split())
    assert "Overfit was next when this was written." in text
    assert "This page is rewritten after each stage." in text
    assert [own for own in pages["unfinished"].all("button") if own.get("id") == "reload"]
    assert not [own for own in pages["classes"].all("button") if own.get("id") == "reload"]


def test_only_a_profile_has_the_data_and_its_checks_alone():
    run = unfinished_run()
    run = dataclasses.replace(run, stages=run.stages[:0], config=dataclasses.replace(run.config, until="profile"))
    page = Page(html_of(run))
    sections = [own["id"] for own in page.all("section")]
    assert sections == ["summary", "data", "checks"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(math.nan, ""), (0.0123456, "0.01235"), (4.661e5, "466,100"), (1e-6, "1e-06"), (891, "891"), ("a", "a")],
)
def test_numbers_are_written_to_be_read(value, said):
    assert _number(value) == said


def test_bars_fill_their_box():
    assert bars((0, 0)) == ""
    assert bars((1,)) == "M0 24V0H100V24Z"


@pytest.mark.parametrize("whole", ["61 %", "99.9 %", "1,234 %", "--fix", "-o", "--split-by-group"])
def test_no_line_ends_within_a_percentage_or_a_flag_and_no_letter_changes(whole):
    html = f"<p>profile {whole} COLUMN</p>"
    marked = kept_whole(html)
    assert f'<span class="whole">{whole}</span>' in marked
    assert re.sub("</?span[^>]*>", "", marked) == html


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="61 % of --fix">',
        "<pre><code>profile --fix</code></pre>",
        '<svg viewBox="0 0 1 1"><text>61 %</text></svg>',
        "<script>a --b</script>",
        "<p>well-known, 3 - 2, a--b, 5% and -1</p>",
        f"<p>--{'x' * 10_000}</p>",
    ],
)
def test_code_drawings_and_attributes_stay_as_they_are(html):
    assert kept_whole(html) == html
