"""The shipped model is what its card says, measured again from its weights.

`held_out_paragraph.txt` is from the article "Boomerang" of the English Wikipedia (August 2019, by its contributors,
CC BY-SA 3.0), which the model was not trained on.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, GPT2LMHeadModel, PreTrainedTokenizerFast

from core.default_model.training import card
from core.default_model.training.attention import HeadTable, head_table
from core.default_model.training.measure import continuation, immediate_repeats, load, text_loss
from core.default_model.training.recipe import Settings
from core.model.capture import capture
from core.model.catalogue import SHIPPED, SHIPPED_FOLDER
from core.model.experiments import Experiments
from core.model.loading import load as load_model
from core.model.resident import Resident
from core.model.texts import DEFAULT_TEXT
from core.parts.softmax_by_layer.patching import EXAMPLE, pair_of, patching
from tests.parity import TOLERANCE, close_to

CARD = (SHIPPED_FOLDER / "README.md").read_text(encoding="utf-8")
PARAGRAPH = (Path(__file__).parent / "held_out_paragraph.txt").read_text(encoding="utf-8").strip()


def card_table(heading: str) -> list[list[str]]:
    """The rows, without the header, of the last table below a heading of the card."""
    section = CARD.split(f"## {heading}\n")[1].split("\n## ")[0]
    last = [block for block in section.strip().split("\n\n") if block.startswith("| ")][-1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in last.splitlines()[2:]]


@pytest.fixture(scope="module")
def shipped() -> tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]:
    return load(SHIPPED_FOLDER)


@pytest.fixture(scope="module")
def paragraph(shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]) -> torch.Tensor:
    model, tokenizer = shipped
    return card.paragraph_ids(tokenizer, PARAGRAPH, model.config.n_positions)


@pytest.fixture(scope="module")
def heads(shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast], paragraph: torch.Tensor) -> HeadTable:
    return head_table(shipped[0], paragraph)


def test_shape_and_size(shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]) -> None:
    model, tokenizer = shipped
    stored = AutoConfig.from_pretrained(SHIPPED_FOLDER)
    assert stored.architectures == ["GPT2LMHeadModel"]
    assert stored.dtype == torch.float16
    assert 3e6 <= sum(parameter.numel() for parameter in model.parameters()) <= 12e6
    files = [SHIPPED_FOLDER / name for name in ("model.safetensors", "tokenizer.json")]
    assert sum(file.stat().st_size for file in files) <= 25e6
    assert stored.n_layer >= 6
    assert stored.n_head >= 6
    assert stored.n_positions >= 256
    assert len(tokenizer(DEFAULT_TEXT).input_ids) <= stored.n_positions, "the default text fits whole"
    assert tokenizer("Purple").input_ids[0] != tokenizer.bos_token_id, "no special token stands in front"


def test_the_card_shows_the_default_settings() -> None:
    section = CARD.split("its settings:\n\n")[1].split("\n\n")[0]
    shown = dict(line.strip("| ").split(" | ") for line in section.splitlines()[2:])
    assert shown == {name: str(value) for name, value in vars(Settings()).items()}


def test_the_cards_perplexity(
    shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast], paragraph: torch.Tensor
) -> None:
    claimed = float(re.search(r"stored with the tests: ([\d.]+)\.", CARD)[1])
    with torch.inference_mode():
        largest = shipped[0](paragraph).logits.abs().max().item()
    # Printed to two digits; the loss is as near as the logits are.
    room = 0.005 + claimed * 2 * TOLERANCE * largest
    assert math.exp(text_loss(shipped[0], paragraph[0].numpy())) == pytest.approx(claimed, rel=0, abs=room)


def test_the_cards_head_table(heads: HeadTable) -> None:
    rows = card_table("Every head")
    layers, count = heads.entropy.shape
    assert [row[:2] for row in rows] == [[str(layer), str(head)] for layer in range(layers) for head in range(count)]
    claimed = torch.tensor([[float(cell) for cell in row[2:]] for row in rows])
    measured = torch.stack(list(heads), dim=-1).reshape(-1, len(heads))
    torch.testing.assert_close(claimed, measured, rtol=0, atol=0.0005 + TOLERANCE)  # printed to three digits, up to 1


def test_the_structures_that_the_card_claims(heads: HeadTable) -> None:
    claimed = {row[0]: row[2] for row in card_table("What its attention does")}
    assert claimed == {each.name: "yes" if each.there else "**no**" for each in card.structures(heads)}
    for name, there in claimed.items():
        if there != "yes":
            assert name in CARD.split("Of these it lacks: ")[1].split("\n")[0]


def test_the_heads_by_a_plain_loop(
    shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast], paragraph: torch.Tensor, heads: HeadTable
) -> None:
    layer, head = 1, 2
    with torch.inference_mode():
        weights = shipped[0](paragraph, output_attentions=True).attentions[layer][0, head].double()
    tokens = len(weights)
    first = previous = itself = entropy = 0.0
    for query in range(1, tokens):
        row = weights[query, : query + 1].tolist()
        first += row[0] / (tokens - 1)
        previous += row[query - 1] / (tokens - 1)
        itself += row[query] / (tokens - 1)
        nats = -sum(weight * math.log(weight) for weight in row if weight > 0)
        entropy += nats / math.log(query + 1) / (tokens - 1)
    measured = [column[layer, head].item() for column in heads[:4]]
    assert measured == [close_to(one, 1) for one in (first, previous, itself, entropy)]


def test_it_does_not_loop_when_it_writes(shipped: tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]) -> None:
    written = [continuation(*shipped, prompt, seed=seed)[1] for seed, prompt in enumerate(card.PROMPTS)]
    assert immediate_repeats(written) < 0.02
    for piece in written:
        for period in range(1, len(piece) // 3 + 1):
            again = "".join("=" if same else "." for same in (piece[period:] == piece[:-period]).tolist())
            assert "=" * 2 * period not in again, f"it says {period} tokens three times running"


def test_the_example_of_two_texts_turns_as_its_words_say() -> None:
    """Another model needs another example: this one's own is measured again."""
    experiments = Experiments(Resident())
    a, b = (capture(load_model(SHIPPED), text) for text in EXAMPLE)
    pair = pair_of(a, b)
    patched = patching(experiments, pair, pair.patched_in(), layer=1)
    after = patched.effect.after
    assert a.next_ids[0] != b.next_ids[0]
    assert after.next_ids[0] == a.next_ids[0]
    assert min(a.next_probability[0], b.next_probability[0], after.next_probability[0]) > 0.5
    assert (patched.by_layer > 0).any(), "one layer alone does it"
