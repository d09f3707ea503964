"""The model's card: what was measured, written as README.md beside the weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

from jaxtyping import Int
from torch import Tensor
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

from core.default_model.training.attention import HeadTable, head_table
from core.default_model.training.corpus import Tokens
from core.default_model.training.measure import (
    CONTINUATION,
    baselines,
    continuation,
    immediate_repeats,
    load,
    text_loss,
)

PROMPTS = ("The city lies on the river", "In 1912 the company", "Light is")

# From where on a structure of GPT-2's counts as there.
PREVIOUS_TOKEN, SINK, INDUCTION, UNIFORM = 0.5, 0.3, 0.2, 0.95


class Inputs(NamedTuple):
    """What the card is written from."""

    folder: Path  # of the model
    checkpoint: dict[str, Any]
    training: Tokens
    validation: Tokens
    paragraph: str  # held out, and stored with the test that measures it again
    about: str  # the text's origin and licence


class Structure(NamedTuple):
    """One thing GPT-2's attention does: where this model does it most, how much, and whether that counts."""

    name: str
    best: str
    there: bool


def write_card(inputs: Inputs) -> None:
    """Measure the model in `inputs.folder` and write its README.md."""
    model, tokenizer = load(inputs.folder)
    ids = paragraph_ids(tokenizer, inputs.paragraph, model.config.n_positions)
    heads = head_table(model, ids)
    sections = [
        shape_section(model),
        f"## Text and licence\n\n{inputs.about.strip()}",
        training_section(inputs),
        loss_section(inputs, model, text_loss(model, ids[0].numpy())),
        writing_section(model, tokenizer),
        structure_section(structures(heads), inputs.checkpoint["settings"]),
        head_section(heads),
    ]
    (inputs.folder / "README.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def paragraph_ids(tokenizer: PreTrainedTokenizerFast, text: str, positions: int) -> Int[Tensor, "1 token"]:
    """The tokens of `text`, cut at the model's positions."""
    return tokenizer(text, return_tensors="pt", truncation=True, max_length=positions).input_ids


def shape_section(model: GPT2LMHeadModel) -> str:
    config = model.config
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return (
        "# The model that ships\n\n"
        "**A small model trained for this lab; not GPT-2.** It has GPT-2's architecture (`GPT2LMHeadModel`) with "
        f"{config.n_layer} layers of {config.n_head} heads, width {config.n_embd} (head width "
        f"{config.n_embd // config.n_head}), {config.n_positions} positions, a byte-level BPE vocabulary of "
        f"{config.vocab_size:,} tokens and {parameters:,} parameters, stored in float16. `card.py` wrote this page "
        "from measurements of these weights."
    )


def training_section(inputs: Inputs) -> str:
    checkpoint, settings = inputs.checkpoint, inputs.checkpoint["settings"]
    seen = checkpoint["step"] * settings["windows"] * settings["positions"]
    return (
        f"## Training\n\n{checkpoint['step']:,} steps, {seen / 1e6:.1f} million tokens out of a text of "
        f"{len(inputs.training.ids) / 1e6:.1f} million, in {checkpoint['seconds'] / 60:.0f} minutes "
        f"on {checkpoint['machine']}. `python -m core.default_model.training.train` makes it again; its "
        "settings:\n\n"
        + table(["setting", "value"], [[name, str(value)] for name, value in settings.items()])
        + f"\n\nThe validation loss on {settings['validation_windows']} fixed windows, on the way:\n\n"
        + table(["minutes", "steps", "million tokens", "loss"], curve_rows(checkpoint))
    )


def curve_rows(checkpoint: dict[str, Any], most: int = 16) -> list[list[str]]:
    """The validation curve, thinned to about `most` rows; the last one stays."""
    settings, curve = checkpoint["settings"], checkpoint["curve"]
    every = math.ceil(len(curve) / most)
    millions = settings["windows"] * settings["positions"] / 1e6
    return [
        [f"{seconds / 60:.0f}", f"{step:,}", f"{step * millions:.1f}", f"{loss:.3f}"]
        for row, (step, seconds, loss) in enumerate(curve)
        if (len(curve) - 1 - row) % every == 0
    ]


def loss_section(inputs: Inputs, model: GPT2LMHeadModel, paragraph_loss: float) -> str:
    counted = baselines(inputs.training.ids, inputs.validation.ids, model.config.vocab_size)
    losses = {
        "this model": text_loss(model, inputs.validation.ids),
        "bigram (Witten-Bell)": counted.bigram,
        "unigram": counted.unigram,
    }
    return (
        f"## How well it predicts\n\nAll {len(inputs.validation.ids):,} tokens of the validation text, in windows of "
        f"{model.config.n_positions}; nats per token, every model with this tokenizer.\n\n"
        + table(
            ["model", "loss", "perplexity"],
            [[name, f"{loss:.3f}", f"{math.exp(loss):.1f}"] for name, loss in losses.items()],
        )
        + f"\n\nPerplexity on the held-out paragraph that is stored with the tests: {math.exp(paragraph_loss):.2f}."
    )


def writing_section(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast) -> str:
    written = [continuation(model, tokenizer, prompt, seed=seed) for seed, prompt in enumerate(PROMPTS)]
    repeats = immediate_repeats([new for _, new in written])
    return (
        f"## What it writes\n\nSampled at temperature 0.8 from the 40 likeliest tokens, {CONTINUATION} tokens each; "
        f"{repeats:.1%} of them repeat the token before.\n\n"
        + "\n\n".join(f"> {' '.join(text.split())}" for text, _ in written)
    )


def structures(heads: HeadTable) -> list[Structure]:
    """The structures of GPT-2's attention, each measured against the value from which it counts as there."""
    layers = heads.entropy.shape[0]
    middle = range(layers // 3, math.ceil(2 * layers / 3))

    def strongest(name: str, scores: Tensor, threshold: float, within: range = range(layers)) -> Structure:
        part = scores[within.start : within.stop]
        layer, head = divmod(int(part.argmax()), part.shape[1])
        best = part.max().item()
        place = f"{best:.2f} (layer {layer + within.start}, head {head})"
        return Structure(f"{name} of at least {threshold}", place, best >= threshold)

    uniform = [str(layer) for layer in range(layers) if bool((heads.entropy[layer] > UNIFORM).all())]
    sink = f"first-token sink, layers {middle.start} to {middle.stop - 1}: mean attention to the first token"
    return [
        strongest("previous-token head: mean attention to the token before", heads.previous_token, PREVIOUS_TOKEN),
        strongest(sink, heads.first_token, SINK, middle),
        strongest("induction head: score", heads.induction, INDUCTION),
        Structure(
            f"no uniform layer: none with every head's entropy above {UNIFORM}",
            f"uniform layers: {', '.join(uniform) or 'none'}",
            not uniform,
        ),
    ]


def structure_section(found: list[Structure], settings: dict[str, Any]) -> str:
    lacking = [structure.name for structure in found if not structure.there]
    rows = [[each.name, each.best, "yes" if each.there else "**no**"] for each in found]
    return (
        "## What its attention does\n\n"
        + table(["structure of GPT-2's attention", "here", "there?"], rows)
        + f"\n\nOf these it lacks: {'; '.join(lacking) or 'none'}. It has fewer layers and heads than GPT-2 and was "
        "trained on far less text: expect fewer kinds of head, and nothing that needs knowledge.\n\n"
        "A small model finds these structures sooner with help, and this one had some. Which of these helps were "
        "needed was not separated; nothing was edited into the weights afterwards.\n\n"
        "- **Position**: the position embeddings start as rotated sinusoids and `c_attn` at SD 0.05 instead of 0.02; "
        f"Q's and K's matrices learn at {settings['query_key_rate']} times the rate of the others. That helps "
        "previous-token heads along and keeps the first layer from staying uniform.\n"
        f"- **The sink**: row 0 of the position embeddings starts random with SD 1, and {1 - settings['anywhere']:.0%} "
        "of the training windows start at a paragraph, so that a first token is easily told from the others. "
        f"Q's and K's matrices decay at {settings['query_key_decay']} instead of {settings['muon_decay']}, so that "
        "heads may become sharp: a sharp head that finds nothing looks at the first token.\n"
        f"- **Induction**: {settings['repeats']:.0%} of the training windows, {settings['late_repeats']:.0%} once the "
        "rates fall, are a run of 16 to 99 tokens, repeated."
    )


def head_section(heads: HeadTable) -> str:
    layers, count = heads.entropy.shape
    rows = [
        [str(layer), str(head), *(f"{column[layer, head]:.3f}" for column in heads)]
        for layer in range(layers)
        for head in range(count)
    ]
    return (
        "## Every head\n\nMean attention over the query tokens of the held-out paragraph, from the second token on; "
        "entropy as a share of the largest possible; induction on random tokens, repeated once.\n\n"
        + table(["layer", "head", "first token", "previous token", "itself", "entropy", "induction"], rows)
    )


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
