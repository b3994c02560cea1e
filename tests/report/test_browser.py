"""The report's page in a browser: it loads alone, reads on a phone and on paper, and shows what is hostile as text."""

from __future__ import annotations

import dataclasses
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich_data import HOSTILE
from rich_run import classification_run, regression_run, unfinished_run, wide_run

from autorecipe.record.finding import Finding
from autorecipe.report.page.write import write_report

pytestmark = pytest.mark.slow  # a browser starts, once for all tests here

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome")
RUNS = {
    "classification": classification_run,
    "regression": regression_run,
    "unfinished": unfinished_run,
    "hostile": lambda: classification_run(hostile=True),
}
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
MAX_BYTES = 3_000_000
GRAVE = ("serious", "critical")  # impacts as axe-core names them
SHOWN = "e => e.checkVisibility()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A page that was opened, what it complained of, and what else it asked for."""

    page: sync_api.Page
    faults: list[str]
    requests: list[str]


def browser_path() -> str | None:
    """The browser that AUTORECIPE_TEST_BROWSER names, or a Chromium on the PATH."""
    return os.environ.get("AUTORECIPE_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    path = browser_path()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH, and AUTORECIPE_TEST_BROWSER names none")
    with sync_api.sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, whom containers run as
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> dict[str, Path]:
    """The page of each run, cells shown where that is allowed."""
    folder = tmp_path_factory.mktemp("reports")
    written = {}
    for name, make in RUNS.items():
        (folder / name).mkdir()
        written[name] = write_report(make(), folder / name, show_values=True, show_samples=True)
    return written


@pytest.fixture(scope="module")
def long_report(tmp_path_factory) -> Path:
    """The page of a run with more columns than a table shows at first, and a note that needs nothing."""
    folder, run = tmp_path_factory.mktemp("long"), wide_run(20)
    note = Finding(code="D037", severity="info", title="Validation noise", message="gains below 3 % drown in noise")
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(*run.profile.findings, note)))
    return write_report(run, folder, show_values=False, show_samples=True)


@pytest.fixture
def open_page(browser, reports):
    contexts = []

    def opening(
        name: str, *, size: dict[str, int] = DESKTOP, scheme: str = "light", path: Path | None = None
    ) -> Opened:
        context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        opened = Opened(page=page, faults=[], requests=[])
        page.on("console", lambda said: opened.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: opened.faults.append(str(error)))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto((path or reports[name]).as_uri())
        return opened

    yield opening
    for context in contexts:
        context.close()


def grave_faults(page: sync_api.Page, *rules: str) -> list[str]:
    """What axe-core finds that would keep someone from reading the page, by some of its rules or all."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
    found = axe.Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("name", list(RUNS))
def test_it_loads_without_faults_and_asks_for_nothing(open_page, reports, name):
    opened = open_page(name)
    opened.page.wait_for_load_state("networkidle")
    others = [url for url in opened.requests if not url.startswith("data:")]
    assert opened.faults == []
    assert others == [reports[name].as_uri()]


@pytest.mark.parametrize("name", list(RUNS))
def test_every_link_within_the_page_leads_somewhere(open_page, name):
    page = open_page(name).page
    dead = page.evaluate(
        "() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
        ".filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))"
    )
    assert dead == []


def test_no_id_is_there_twice(open_page):
    page = open_page("hostile").page
    twice = page.evaluate(
        "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        " return ids.filter((id, i) => ids.indexOf(id) !== i) }"
    )
    assert twice == []


def test_each_section_is_named_in_the_navigation_and_its_link_brings_it_into_view(open_page):
    page = open_page("classification").page
    sections = page.eval_on_selector_all("main > section", "all => all.map(e => e.id)")
    links = page.locator("nav a")
    assert [link.get_attribute("href") for link in links.all()] == [f"#{name}" for name in sections]
    for link in (links.nth(2), links.last):
        link.click()
        section = page.locator(link.get_attribute("href"))
        assert page.evaluate("location.hash") == link.get_attribute("href")
        assert section.evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_headings_go_down_one_level_at_a_time(open_page):
    page = open_page("classification").page
    levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(after - before for before, after in itertools.pairwise(levels)) == 1


def test_the_theme_goes_from_the_systems_to_light_to_dark_and_is_kept(open_page):
    page = open_page("classification").page
    button, ground = page.locator("#theme"), "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    button.click()
    assert page.evaluate(ground) == light
    button.click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    assert "dark" in button.inner_text()


def test_what_is_folded_opens_and_closes(open_page):
    page = open_page("classification").page
    folded = page.locator("details").first
    inside = folded.locator(":scope > :not(summary)").first
    assert not inside.evaluate(SHOWN)
    folded.locator("summary").first.click()
    assert inside.evaluate(SHOWN)
    folded.locator("summary").first.click()
    assert not inside.evaluate(SHOWN)


def test_the_table_of_columns_can_be_searched(open_page):
    page = open_page("classification").page
    rows = page.locator("#columns-table tbody tr")
    page.locator("#find").fill("FARE")
    assert [row.locator("th").inner_text() for row in rows.all() if row.is_visible()] == ["fare"]
    page.locator("#find").fill("")
    assert all(row.is_visible() for row in rows.all())


def test_the_table_of_columns_is_sorted_by_a_click_and_turned_by_another(open_page):
    page = open_page("classification").page
    heads = page.locator("#columns-table thead th")
    names = heads.all_inner_texts()
    place = next(i for i, name in enumerate(names) if name.startswith("distinct"))
    orders = []
    for _ in range(2):
        heads.nth(place).locator("button").click()
        orders.append(heads.nth(place).get_attribute("aria-sort"))
        shown = page.locator(f"#columns-table tbody td:nth-of-type({place})").all_inner_texts()
        values = [int(text.replace(",", "")) for text in shown]
        assert values == sorted(values, reverse=orders[-1] == "descending")
    assert orders == ["ascending", "descending"]


def test_everything_that_acts_can_be_reached_with_the_keyboard(open_page):
    page = open_page("classification").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", list(RUNS))
def test_a_phone_never_scrolls_sideways(open_page, name):
    page = open_page(name, size=PHONE).page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_passed_checks_are_folded_with_their_count(open_page, size):
    page = open_page("classification", size=size).page
    folded = page.locator("#checks details.passed")
    for fold in folded.all():
        chips = fold.locator("li")
        assert fold.locator("summary").inner_text() == f"{chips.count()} passed"
        assert not chips.first.is_visible()
        fold.locator("summary").click()
        assert chips.first.is_visible()
    assert folded.count() == 2


def test_mere_notes_are_folded_after_what_needs_the_user(open_page, long_report):
    page = open_page("long", size=PHONE, path=long_report).page
    notes = page.locator("#summary details.notes")
    n = notes.locator("li").count()
    assert n > 0
    assert notes.locator("summary").inner_text().startswith(f"{n} note")
    assert not notes.locator("li").first.is_visible()
    notes.locator("summary").click()
    link = notes.locator("a").first
    link.click()
    assert page.locator(link.get_attribute("href")).is_visible()  # it lies in a fold of its own


@pytest.mark.parametrize(("size", "n_first"), [(DESKTOP, 10), (PHONE, 5)], ids=["desktop", "phone"])
def test_a_long_table_shows_its_first_rows_until_it_is_unfolded(open_page, long_report, size, n_first):
    page = open_page("long", size=size, path=long_report).page
    rows, toggle = page.locator("#columns-table tbody tr"), page.locator(".folding:has(#columns-table) > .toggle")
    assert [row.is_visible() for row in rows.all()] == [i < n_first for i in range(rows.count())]
    toggle.locator("summary").click()
    assert all(row.is_visible() for row in rows.all())
    toggle.locator("summary").click()
    page.locator("#find").fill(rows.last.locator("th").inner_text())
    assert rows.last.is_visible()


def test_without_a_script_what_is_folded_opens_all_the_same(browser, long_report):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(long_report.as_uri())
    rows = page.locator("#columns-table tbody tr")
    assert not rows.last.is_visible()
    page.locator(".folding:has(#columns-table) > .toggle summary").click()
    assert rows.last.is_visible()
    context.close()


@pytest.mark.parametrize("name", list(RUNS))
def test_axe_finds_nothing_grave(open_page, name):
    page = open_page(name).page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert grave_faults(page) == []


@pytest.mark.parametrize("name", list(RUNS))
def test_in_the_dark_axe_finds_no_faint_text(open_page, name):
    page = open_page(name, scheme="dark").page  # of axe's rules the others look at no colour
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert grave_faults(page, "color-contrast") == []


def test_axe_finds_nothing_grave_on_a_phone(open_page):
    assert grave_faults(open_page("classification", size=PHONE).page) == []


def test_hostile_names_and_cells_are_text(open_page):
    page = open_page("hostile").page
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 1
    assert page.locator("img:not([src^='data:'])").count() == 0
    text = page.locator("body").inner_text()
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], HOSTILE[7]):
        assert name in text


def test_a_long_name_is_cut_and_a_name_from_right_to_left_turns_nothing_around_it(open_page):
    page = open_page("hostile").page
    assert (
        page.evaluate("Math.max(...[...document.querySelectorAll('#columns-table th')].map(e => e.innerText.length))")
        < 200
    )
    arabic = page.locator("#columns-table th bdi", has_text="عمر")
    assert arabic.count() == 1
    assert page.locator("html").evaluate("e => getComputedStyle(e).direction") == "ltr"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_on_paper_what_is_folded_is_shown_on_a_light_ground(browser, long_report, script):
    context = browser.new_context(viewport=DESKTOP, color_scheme="dark", java_script_enabled=script)
    page = context.new_page()
    page.goto(long_report.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert all(row.is_visible() for row in page.locator("#columns-table tbody tr").all())
    assert page.locator("#checks details.passed li").first.evaluate("e => e.getBoundingClientRect().height") > 0
    assert page.locator(".drawing .numbers table").first.evaluate("e => e.getBoundingClientRect().height") > 0
    ground = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    context.close()


def test_on_paper_a_plot_stays_with_its_title_and_a_row_is_whole(open_page):
    page = open_page("classification").page
    page.emulate_media(media="print")
    kept = "e => getComputedStyle(e).breakInside"
    assert {plot.evaluate(kept) for plot in page.locator(".plot").all()} == {"avoid"}
    assert {row.evaluate(kept) for row in page.locator("tbody tr").all()[:20]} == {"avoid"}
    heads = page.locator("#columns-table thead th")
    assert all(head.inner_text().strip() for head in heads.all())


@pytest.mark.parametrize("name", ["classification", "hostile"])
def test_on_paper_everything_is_unfolded_on_several_pages(open_page, tmp_path, name):
    page = open_page(name).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    printed = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 1


def test_a_run_of_two_thousand_columns_makes_a_small_page_that_opens(open_page, tmp_path):
    path = write_report(wide_run(), tmp_path, show_values=False, show_samples=True)
    assert path.stat().st_size < MAX_BYTES
    opened = open_page("wide", size=PHONE, path=path)
    assert opened.faults == []
    assert opened.page.locator("#columns-table tbody tr").count() > 0
    assert opened.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
