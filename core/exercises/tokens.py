"""Gaps of part 2: what to hook, the tokens, and the activations."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, normal
from core.expressions import Record, Tensor, Value

WORDS = {
    "model": "GPT-2, with its modules by name",
    "layer": "the number of the layer",
    "tokens": "what the tokenizer gave: `input_ids` and `attention_mask`, each (1, T)",
    "out": "what `c_attn` put out for the text, (1, T, 3E)",
    "T": "the number of tokens",
    "logits": "a number for each token of the vocabulary, at each place of the text, (1, T, vocabulary)",
}


def modules(name: str, *parts: str) -> Record:
    """A module that holds others, each without parts."""
    return Record(name, {part: Record(f"{name}.{part}") for part in parts})


def block(layer: int) -> Record:
    """One layer of GPT-2, by transformers' names."""
    name = f"model.transformer.h[{layer}]"
    return Record(
        name,
        {
            "ln_1": Record(f"{name}.ln_1"),
            "attn": modules(f"{name}.attn", "c_attn", "c_proj"),
            "ln_2": Record(f"{name}.ln_2"),
            "mlp": modules(f"{name}.mlp", "c_fc", "act", "c_proj"),
        },
    )


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """A model as a tree of names, and small tensors."""
    tokens, vocabulary = sizes.tokens, sizes.tokens + 3
    layers = [block(layer) for layer in range(sizes.layers)]
    transformer = Record("model.transformer", {"h": layers, **modules("model.transformer", "wte", "wpe").fields})
    ids = rng.permutation(50)[:tokens].reshape(1, tokens) + 20
    return {
        "model": Record("model", {"transformer": transformer, "base_model": transformer}),
        "layer": sizes.layers // 2 + 1,
        "tokens": Record("tokens", {"input_ids": ids.view(Tensor), "attention_mask": np.ones_like(ids).view(Tensor)}),
        "out": normal(rng, 1, tokens, 3 * sizes.embedding),
        "T": tokens,
        "logits": normal(rng, 1, tokens, vocabulary, spread=2),
    }


GAPS = (
    Gap(
        id="2-hook",
        task="Name the module of the layer whose output holds queries, keys and values.",
        line="handle = ____.register_forward_hook(keep)",
        given="model layer",
        result="queries, keys and values come out of the layer's `c_attn`",
        ask="which step inside the attention makes them?",
        hints=(
            "Layers are in the list `model.transformer.h`; each has an `attn` and an `mlp`.",
            "Inside `attn`, one module makes all three at once, and one projects the result back. You want the former.",
        ),
        solution="model.transformer.h[layer].attn.c_attn",
        reason="GPT-2 makes Q, K and V with one matrix product, `c_attn`; a hook on it sees all three as they leave.",
        mistakes={
            "model.transformer.h[layer].attn": "A hook there sees what attention made in the end: "
            "queries and keys are used up by then. One step further in.",
            "model.transformer.h[layer].attn.c_proj": "`c_proj` comes after the heads have looked around. "
            "The other module of `attn` makes Q, K and V.",
            "model.transformer.h[layer].mlp.c_fc": "The MLP comes after attention, and has no queries or keys.",
            "model.transformer.h[layer]": "That is the whole layer: its output is neither queries nor keys.",
            "model.transformer.h[0].attn.c_attn": "The right module of layer 0. Which layer was asked for?",
        },
    ),
    Gap(
        id="2-count",
        task="How many tokens does the text have?",
        line="T = ____",
        given="tokens",
        result="T is one whole number",
        ask="which axis of `input_ids` runs along the text?",
        hints=(
            "`tokens.input_ids` holds a number for each token. Look at its shape.",
            "Axis 0 counts texts, here only one. The next axis counts tokens.",
        ),
        solution="tokens.input_ids.shape[1]",
        reason="The tokenizer gives a batch of texts, (1, T): axis 0 counts the texts, axis 1 the tokens.",
        mistakes={
            "len(tokens.input_ids)": "That is 1, the number of texts in the batch. Tokens lie along the next axis.",
            "tokens.input_ids.max()": "That is the largest token id: a place in the vocabulary, not a count.",
            "tokens.input_ids.shape": "That is the whole shape: one of its two numbers is T.",
            "tokens.input_ids.ndim": "That is the number of axes.",
        },
    ),
    Gap(
        id="2-batch",
        task="Keep the activations of the one text, without the batch axis.",
        line="qkv = ____",
        given="out T",
        result="the activations are (T, 3E)",
        ask="which axis did you drop?",
        hints=(
            "The first axis has length 1: there is one text. Take it.",
            "An index takes a place along the first axis, and the axis is gone.",
        ),
        solution="out[0]",
        reason="Models take several texts at once; with one text, place 0 of the batch axis is all there is.",
        mistakes={
            "out[:, 0]": "That is the first token's activations: the batch axis stayed, and the tokens went.",
            "out[0, 0]": "That is one token only. Take place 0 of the batch axis, and all of the next.",
            "out[0].T": "Tokens and dimensions have changed places: rows should be tokens.",
        },
    ),
    Gap(
        id="2-next",
        task="Which token comes next? Give the probability of each token of the vocabulary.",
        line="probability = ____",
        given="logits",
        result="there is a probability for each token of the vocabulary, (vocabulary,)",
        ask="at which place of the text does the guess stand?",
        hints=(
            "Every place of the text guesses what follows it. You want the last place.",
            "Take text 0 and the last place, then a softmax over the vocabulary.",
        ),
        solution="torch.softmax(logits[0, -1], dim=-1)",
        reason="Only the last place has seen the whole text; softmax turns its logits into probabilities.",
        mistakes={
            "logits[0, -1]": "Those are logits: of any sign, and not 1 in all. Softmax is missing.",
            "torch.softmax(logits[0, 0], dim=-1)": "That is what follows the first token. The text ends elsewhere.",
            "torch.softmax(logits[0], dim=0)[-1]": "Softmax ran along the text, so places compete with each other. "
            "Let the tokens of the vocabulary compete.",
            "torch.softmax(logits[0], dim=-1)": "That is a guess after every token. Take the last.",
        },
    ),
)
TOPIC = Topic(WORDS, values, GAPS)
