"""A model whose scale and mask are not GPT-2's: the page says its own, in every place that names them."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, wait_for_part
from tests.families import tiny_config
from tests.serving import VOILA, serving
from tests.tiny_models import store

RULES = {"sliding_window": 4, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64}


def test_the_page_says_the_models_own_scale_and_mask(browser: Browser, tmp_path: Path) -> None:
    model = store(tiny_config("gemma2", initializer_range=0.5, **RULES), tmp_path / "capped")
    with (
        serving(VOILA, tmp_path / "log", environment={"LAB_MODEL": str(model)}) as server,
        opened(browser, server.url) as page,
    ):
        facts = wait_for_part(page, 2).locator(".lab-shapes")
        expect(facts).to_contain_text("× 0.125, capped at ±2", timeout=PATIENCE)
        expect(facts).to_contain_text(re.compile(r"largest difference from the model’s own weights [\d.×]+10⁻[⁶⁷⁸]\."))
        expect(wait_for_part(page, 4).locator(".lab-chain").first).to_contain_text("× 0.125, capped at ±2")
        words = page.locator(".lab-part-raw_scores .lab-words").first
        expect(words).to_contain_text("multiplied by 0.125 and soft-capped at ±2")
        page.get_by_role("button", name="Glossary").click()
        glossary = page.locator("#lab-glossary")
        expect(glossary).to_contain_text("one query with one key, multiplied by 0.125 and soft-capped at ±2; d is")
        expect(glossary).to_contain_text("in 1 layer a token sees itself and the 3 tokens before it")
        said = wait_for_part(page, 7).locator(".lab-part-attention_maps .lab-numbers")
        expect(said).to_contain_text("In layer 0 a token sees itself and the 3 tokens before it.")
