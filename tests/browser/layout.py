"""What is wrong with the layout of a page, as a list of words: what lies on anything else, is cut off or leaves it."""

import time
from itertools import chain

from playwright.sync_api import Page

DESKTOP_HEIGHT = 800
AROUND = 400  # px, for what a notebook shows above the lab
# Boxes of a chart's words that leave the figure or meet each other. Turned words (tokens along an axis) are only
# looked at for the figure's edge: their boxes meet where they do not.
BAD_WORDS = """
chart => {
  const svg = chart.querySelector("svg").getBoundingClientRect();
  const words = [...chart.querySelectorAll("text")]
    .map(node => ({node, text: node.textContent.trim(), box: node.getBoundingClientRect()}))
    .filter(({node, text, box}) => text && box.width && getComputedStyle(node).visibility !== "hidden");
  const outside = words.filter(({box}) =>
    box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 1 || box.bottom > svg.bottom + 1);
  const level = words.filter(({node}) => Math.abs(node.getScreenCTM().b) < 0.01);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;  // a line of text is higher than its letters
  const overlapping = level.flatMap((a, at) => level.slice(at + 1).filter(b => meet(a.box, b.box))
    .map(b => `“${a.text}” meets “${b.text}”`));
  return [...outside.map(({text}) => `“${text}” is cut off`), ...overlapping];
}
"""
CHARTS = f"""
page => [...page.querySelectorAll(".lab-chart")].filter(chart => chart.checkVisibility({{visibilityProperty: true}}))
  .flatMap({BAD_WORDS})
"""
# Words outside charts, line by line, and controls: which of them meet, are shortened or leave the page. What lies over
# others on purpose (menus, messages, what screen readers alone get) is left out, and so is what a list scrolls.
WORDS_AND_CONTROLS = """
page => {
  const outside = "svg, option, mjx-assistive-mml, dialog, .lab-unseen, .lab-skip, .lab-strip, .lab-tokens, " +
    ".lab-glossary, .lab-view, .lab-takeaway-menu";
  const seen = node => node.checkVisibility({visibilityProperty: true}) && !node.closest(outside)
    && getComputedStyle(node).clipPath === "none";
  const boxes = [];
  const add = (node, text, box) => box.width > 1 && box.height > 1 && boxes.push({node, text, box});
  const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (!text.textContent.trim() || !seen(text.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) add(text.parentElement, `“${text.textContent.trim().slice(0, 40)}”`, box);
  }
  for (const node of page.querySelectorAll(".noUi-base, button, select, textarea, input")) {
    const label = node.closest(".widget-inline-hbox")?.innerText;
    const name = node.ariaLabel || node.textContent.trim() || label || node.className;
    if (seen(node)) add(node, `[${name.slice(0, 40)}]`, node.getBoundingClientRect());
  }
  const one = (a, b) => a.node.contains(b.node) || b.node.contains(a.node);
  const meet = (a, b) => Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1
    && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 4;
  const {left, right} = page.getBoundingClientRect();
  const shortened = [...page.querySelectorAll(".widget-label, .widget-readout, button")]
    .filter(node => seen(node) && node.clientWidth && node.scrollWidth > node.clientWidth + 1);
  return [
    ...boxes.flatMap((a, at) => boxes.slice(at + 1).filter(b => !one(a, b) && meet(a, b))
      .map(b => `${a.text} meets ${b.text}`)),
    ...boxes.filter(({box}) => box.left < left - 1 || box.right > right + 1).map(({text}) => `${text} leaves the page`),
    ...shortened.map(node => `“${node.textContent}” is shortened`),
    ...(page.scrollWidth > page.clientWidth ? [`a page ${page.scrollWidth} px wide on ${page.clientWidth} px`] : []),
  ];
}
"""


def show_all(page: Page, width: int) -> None:
    """Make the window that wide, and so high that all of the lab is in sight: bqplot lays out nothing else."""
    page.set_viewport_size({"width": width, "height": DESKTOP_HEIGHT})
    height = page.locator(".lab-page").evaluate("page => page.scrollHeight")
    page.set_viewport_size({"width": width, "height": height + AROUND})


def faults(page: Page, seconds: float = 20) -> list[str]:
    """What is wrong with the lab on the page, looked at from its top, once its charts have had time to fit into it."""
    until = time.monotonic() + seconds
    page.locator(".lab-page").evaluate("page => page.scrollIntoView()")
    page.wait_for_timeout(800)  # bqplot lays a figure out again 300 ms after it got another size
    while True:
        lab = page.locator(".lab-page")
        found = list(chain.from_iterable(lab.evaluate(look) for look in (WORDS_AND_CONTROLS, CHARTS)))
        wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        found += [f"the document is {wide} px wider than the window"] if wide > 0 else []
        if not found or time.monotonic() > until:
            return found
        page.wait_for_timeout(500)
