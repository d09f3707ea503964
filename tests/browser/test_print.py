"""The page on paper: every part, one below the other, with its charts whole and apart, in light colours."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, wait_for_part
from tests.parts import NUMBERS
from tests.serving import Server
from widgets.theme import DARK, LIGHT, to_rgb

PAPER = 703  # px of A4 within margins of 12 mm
ON_SCREEN_ONLY = ("Pin as A", "Glossary", "Predict before you look", "Download everything", "Exercises", "Sample texts")
UNDRAWN = "This part is not drawn yet."
# Words at the upper and lower end of each chart: on paper both have to stand on one page.
PROBED = """
() => [...document.querySelectorAll(".lab-chart:not(.lab-away)")].map((chart, at) => {
  const svg = chart.querySelector(".svg-figure");
  for (const [end, y] of [["upper", 12], ["lower", chart.clientHeight - 4]]) {
    const words = document.createElementNS(svg.namespaceURI, "text");
    for (const [name, value] of Object.entries({x: 4, y, fill: "red"})) words.setAttribute(name, value);
    words.textContent = `probe${at}${end}`;
    svg.append(words);
  }
  return at;
})
"""
# Pairs of charts of which one lies on the other, what is wider than the page, and words that leave their chart.
WRONG = """
() => {
  const seen = [...document.querySelectorAll(".lab-chart, .lab-tokens, .lab-shapes, .lab-summary, .lab-numbers p")]
    .map(node => ({name: node.className + " " + node.textContent.slice(0, 30), box: node.getBoundingClientRect()}))
    .filter(({box}) => box.width && box.height);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const pairs = seen.flatMap((a, at) => seen.slice(at + 1).filter(b => meet(a.box, b.box)).map(b => [a.name, b.name]));
  const wide = seen.filter(({box}) => box.right > innerWidth + 1).map(({name}) => [name, "is too wide"]);
  const beyond = [...document.querySelectorAll(".lab-chart")].flatMap(chart => {
    const {left, right, bottom} = chart.getBoundingClientRect();
    return [...chart.querySelectorAll(".svg-figure text")]
      .map(word => ({word: word.textContent, box: word.getBoundingClientRect()}))
      .filter(({box}) => box.width && (box.left < left - 2 || box.right > right + 12 || box.bottom > bottom + 2))
      .map(({word}) => [chart.className, word, "lies outside of its chart"]);
  });
  return [...pairs, ...wide, ...beyond];
}
"""


def text_of(pdf: bytes) -> list[str]:
    """The words on each page."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def print_by_key(page: Page) -> None:
    """Press Ctrl + P, and wait until the page asks the browser to print."""
    page.evaluate("() => { window.print = () => { window.printed = true } }")
    page.keyboard.press("Control+p")
    page.wait_for_function("window.printed", timeout=PATIENCE)


@pytest.fixture(scope="module", params=[(1280, 800, "dark"), (400, 800, "light")], ids=str)
def asked(request: pytest.FixtureRequest, browser: Browser, lab: Server) -> Iterator[Page]:
    """A page of which only part 1 was on the screen, when somebody pressed Ctrl + P."""
    width, height, scheme = request.param
    with opened(browser, lab.url, (width, height), color_scheme=scheme) as page:
        wait_for_part(page, 1)
        print_by_key(page)
        yield page


def test_all_parts_are_on_paper_and_no_chart_is_cut_in_two(asked: Page) -> None:
    titles = [title.split(maxsplit=1)[1] for title in asked.locator(".lab-panel h2").all_inner_texts()]
    assert len(titles) == len(NUMBERS)
    charts = asked.evaluate(PROBED)
    assert len(charts) >= 20
    pages = text_of(asked.pdf(format="A4"))
    for title in titles:
        assert any(title in page for page in pages), title
    for at in charts:
        upper, lower = ([f"probe{at}{end}" in page for page in pages].index(True) for end in ("upper", "lower"))
        assert upper == lower, f"chart {at} ends on another page"
    assert len(pages) <= len(charts), "about as many pages as on the screen"
    whole = " ".join(pages)
    assert "Purple is a color similar in appearance" in pages[0], "the text that all of it is about"
    assert not [words for words in (*ON_SCREEN_ONLY, UNDRAWN) if re.search(rf"\b{words}", whole)]


def test_nothing_lies_on_anything_or_leaves_the_paper(asked: Page) -> None:
    size = asked.viewport_size
    asked.evaluate("dispatchEvent(new Event('beforeprint'))")  # as printing does
    asked.emulate_media(media="print")
    asked.set_viewport_size({"width": PAPER, "height": 1000})
    wrong = asked.evaluate(WRONG)
    wide = asked.evaluate("document.scrollingElement.scrollWidth")
    ink = asked.locator(".lab-numbers p").first.evaluate("words => getComputedStyle(words).color")
    ground = asked.locator(".lab-part-scaling .lab-chart").first.evaluate(
        "one => getComputedStyle(one).backgroundColor"
    )
    dark = asked.evaluate("document.documentElement.dataset.labTheme") == "dark"
    asked.emulate_media(media="null")
    asked.set_viewport_size(size)
    assert not wrong
    assert wide <= PAPER
    assert ink == f"rgb{to_rgb(LIGHT.muted)}"
    assert ground == (f"rgb{to_rgb(DARK.page)}" if dark else "rgba(0, 0, 0, 0)")


def test_printed_by_the_browsers_menu_a_part_that_is_not_drawn_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_part(page, 1)
    whole = " ".join(text_of(page.pdf(format="A4")))
    assert whole.count(UNDRAWN) >= 7
    assert "Ctrl + P" in whole
