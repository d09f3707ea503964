"""A text of letters that run from right to left: what the lab says about its tokens still reads from left to right."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, wait_for_part
from tests.serving import VOILA, serving
from tests.tiny_models import gpt2_config, store, tiny_tokenizer

WORDS = ["صغير", "שלום"]
TEXT = "cat" + "".join(WORDS * 3)
# Where the pieces of an element's words stand: tokens, and what is said before, between and after them.
PIECES = """
element => {
  const found = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    for (const {0: text, index} of node.data.matchAll(/[\\u0590-\\u08ff]+|[^\\u0590-\\u08ff\\u2068\\u2069]+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + text.length);
      for (const {left, right, top, width} of range.getClientRects()) if (width) found.push({text, left, right, top});
    }
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The lab with a small model that knows a word of Arabic and one of Hebrew as one token each."""
    folder = tmp_path_factory.mktemp("right-to-left")
    config = gpt2_config()
    config.vocab_size += len(WORDS)
    model = store(config, folder / "model")
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(WORDS)
    tokenizer.save_pretrained(model)
    environment = {"LAB_MODEL": str(model)}
    with serving(VOILA, folder / "log", environment=environment) as server, opened(browser, server.url) as page:
        wait_for_part(page, 2)
        page.locator(".lab-text textarea").fill(TEXT)
        page.locator(".lab-run").click()
        page.locator(".lab-token", has_text=WORDS[0]).first.wait_for(timeout=PATIENCE)
        yield page


@pytest.mark.parametrize(
    ("number", "place", "least"),
    [
        (7, ".lab-part-attention_text > .lab-numbers p", 3),  # “… gives most 23 % to token 3 “…”, …”
        (7, ".lab-part-attention_text .lab-cell p:first-child", 1),
        (4, ".lab-summary caption", 1),
    ],
)
def test_what_is_said_reads_from_left_to_right(page: Page, number: int, place: str, least: int) -> None:
    wait_for_part(page, 2).locator(".lab-token", has_text=WORDS[1]).last.click()
    pieces = wait_for_part(page, number).locator(place).evaluate(PIECES)
    assert sum(piece["text"] in WORDS for piece in pieces) >= least, pieces
    for before, after in pairwise(pieces):
        same_line = abs(before["top"] - after["top"]) < 8
        assert not same_line or before["right"] <= after["left"] + 1, (before, after)


def test_a_screen_reader_gets_whole_tokens(page: Page) -> None:
    chip = wait_for_part(page, 7).locator(".lab-part-attention_text .lab-token", has_text=WORDS[0]).last
    assert re.fullmatch(f"[0-9]+: \u2068{WORDS[0]}\u2069", chip.get_attribute("aria-label") or "")
