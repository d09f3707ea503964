"""The glossary: the field's terms in plain words, opened beside the text."""

from __future__ import annotations

from typing import NamedTuple

from core.model.capture import Capture
from core.model.words import STUDY_SCALE, in_words, mask_words, scale_words


class Term(NamedTuple):
    """A term and what it means, as HTML."""

    name: str
    meaning: str


CAUSAL = "A token may look at itself and at what came before."


def _own(name: str, words: str) -> str:
    """A piece of a meaning that changes with the model on show, as HTML: `widgets.page.browser.Browser.rules`."""
    return f"<span data-lab-rule='{name}'>{words}</span>"


def rules_of(capture: Capture) -> dict[str, str]:
    """What stands in those pieces for the model of a capture."""
    return {"scale": scale_words(capture), "mask": mask_words(capture) or CAUSAL}


TERMS = (
    Term("Token", "A piece of text that the model reads as one unit: a word, a part of one, or a sign."),
    Term("Layer", "One of the steps that a text goes through in turn. Each rewrites every token's vector."),
    Term("Query", "A token's question: its vector times the layer's matrix W<sub>Q</sub>. It says what is looked for."),
    Term("Key", "A token's label: its vector times W<sub>K</sub>. A query is compared with it."),
    Term("Value", "What a token hands over when it is looked at: its vector times W<sub>V</sub>."),
    Term(
        "Head",
        "A slice of a layer's queries, keys and values that does attention by itself. Heads work side by side, "
        "each on its own few numbers.",
    ),
    Term(
        "Raw score",
        f"The dot product of one query with one key, {_own('scale', in_words(STUDY_SCALE))}; d is how many numbers a "
        "head has for each. Large: they match.",
    ),
    Term(
        "Mask",
        f"What hides tokens from a query: −∞ is added to their scores. {_own('mask', CAUSAL)}",
    ),
    Term(
        "Softmax",
        "Turns a row of scores into shares between 0 and 1 that add up to 1: the exponential of each score over the "
        "sum of all. A masked score gets 0.",
    ),
    Term("Attention", "The shares that softmax gives. A token takes this mix of the others' values."),
    Term(
        "Logit",
        "What the model gives each token of its vocabulary before softmax makes a probability of it. In this lab: the "
        "guess of the next token.",
    ),
    Term(
        "Entropy",
        "How widely attention is spread. 0: all on one token. At its largest: the same share for every token.",
    ),
)


def glossary() -> str:
    """The terms with a button that opens and one that closes them, as HTML; needs no script and no kernel."""
    terms = "".join(f"<dt>{term.name}</dt><dd>{term.meaning}</dd>" for term in TERMS)
    return (
        "<button class='lab-glossary-button' popovertarget='lab-glossary'>Glossary</button>"
        "<aside id='lab-glossary' class='lab-glossary' popover='manual' aria-label='Glossary'>"
        "<div><b>Glossary</b><button popovertarget='lab-glossary' popovertargetaction='hide'>Close</button></div>"
        f"<dl>{terms}</dl></aside>"
    )
