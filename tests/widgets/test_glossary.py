"""The glossary: its terms are there, and it opens without a kernel."""

from widgets.glossary import TERMS, glossary


def test_it_explains_every_term_that_the_parts_use():
    names = {term.name.lower() for term in TERMS}
    assert names >= {"query", "key", "value", "head", "raw score", "softmax", "mask", "logit", "entropy"}


def test_every_meaning_is_a_sentence_and_every_term_stands_in_the_list():
    html = glossary()
    for term in TERMS:
        assert term.meaning.endswith("."), term.name
        assert f"<dt>{term.name}</dt><dd>{term.meaning}</dd>" in html
