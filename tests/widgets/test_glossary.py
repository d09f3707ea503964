"""The glossary: its terms are there, and it opens without a kernel."""

from tests.captures import random_capture, unlike_gpt2
from widgets.lab import Lab
from widgets.page.glossary import TERMS, glossary


def test_it_explains_every_term_that_the_parts_use():
    names = {term.name.lower() for term in TERMS}
    assert names >= {"query", "key", "value", "head", "raw score", "softmax", "mask", "logit", "entropy"}


def test_every_meaning_is_a_sentence_and_every_term_stands_in_the_list():
    html = glossary()
    for term in TERMS:
        assert term.meaning.removesuffix("</span>").endswith("."), term.name
        assert f"<dt>{term.name}</dt><dd>{term.meaning}</dd>" in html


def test_it_says_the_scale_and_the_mask_of_the_model_on_show():
    capture = random_capture(3, 2, 9, 4)
    lab = Lab(capture=capture)
    assert lab.browser.rules == {
        "scale": "divided by √d",
        "mask": "A token may look at itself and at what came before.",
    }
    for name, words in lab.browser.rules.items():
        assert f"<span data-lab-rule='{name}'>{words}</span>" in glossary()
    lab.runner.show(unlike_gpt2(capture))
    assert lab.browser.rules["scale"] == "multiplied by the layer’s scale and soft-capped"
    assert lab.browser.rules["mask"].startswith("Layers differ: in 1 layer a token sees itself and all before it")
