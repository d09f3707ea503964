"""Gaps of part 3: sizes from the config, and activations split into Q, K, V and into heads."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, normal
from core.expressions import Record, Value

WORDS = {
    "config": "the model's config: `n_layer`, `n_head`, `n_embd` and more",
    "qkv": "the output of `c_attn` for the text, (T, 3E)",
    "Q": "the queries of the layer, all heads side by side, (T, E)",
    "Q_h": "the queries of one head, (T, d)",
    "T": "tokens",
    "E": "the embedding width",
    "H": "heads",
    "d": "the width of a head",
    "h": "the number of the head",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """A config, and small tensors of one layer."""
    _, heads, tokens, width, _ = sizes
    query = normal(rng, tokens, sizes.embedding)
    numbers = {"n_layer": sizes.layers, "n_head": heads, "n_embd": sizes.embedding, "n_positions": 1024}
    other_names = {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "hidden_size": "n_embd"}
    return {
        "config": Record("config", numbers | {other: numbers[name] for other, name in other_names.items()}),
        "qkv": normal(rng, tokens, 3 * sizes.embedding),
        "Q": query,
        "Q_h": normal(rng, tokens, width),
        "T": tokens,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
        "h": heads - 2,
    }


GAPS = (
    Gap(
        id="3-config",
        task="Read the number of layers, the number of heads and the embedding width from the config.",
        line="L, H, E = ____",
        given="config",
        result="L, H and E are one whole number each",
        ask="which three entries of the config are they?",
        hints=(
            "The config has them as `n_layer`, `n_head` and `n_embd`.",
            "Write the three with commas between them, in the order of the names on the left.",
        ),
        solution="config.n_layer, config.n_head, config.n_embd",
        reason="Reading sizes from the config makes the code fit every GPT-2, from the small one to XL.",
        mistakes={
            "config.n_layer, config.n_embd, config.n_head": "H and E have changed places: "
            "the order on the left decides.",
            "config.n_head, config.n_layer, config.n_embd": "L and H have changed places: "
            "the order on the left decides.",
            "config.n_layer, config.n_head, config.n_positions": "`n_positions` is the longest text. "
            "The embedding width has another name.",
            "config.n_layer": "That is L alone. All three are wanted, with commas between them.",
        },
    ),
    Gap(
        id="3-width",
        task="How wide is one head? Give a whole number: shapes are made with it.",
        line="d = ____",
        given="config",
        result="d is one whole number",
        ask="what shares the embedding width out?",
        hints=(
            "The heads share the embedding width equally.",
            "Divide the embedding width by the number of heads, so that an int comes out.",
        ),
        solution="config.n_embd // config.n_head",
        reason="All heads together are as wide as the embedding: E = H · d.",
        mistakes={
            "config.n_embd / config.n_head": "The right value as a float. A shape needs a whole number: `//`.",
            "config.n_embd // config.n_layer": "Layers come one after the other; it is the heads that share the width.",
            "config.n_embd": "That is the width of all heads together.",
            "config.n_head": "That is how many heads there are, not how wide one is.",
        },
    ),
    Gap(
        id="3-root",
        task="What are the raw scores divided by?",
        line="scale = ____",
        given="config",
        result="the scale is one number",
        ask="over how many dimensions does a score sum?",
        hints=(
            "A score is a sum over the dimensions of one head, and its spread grows like the root of their number.",
            "Work out the width of a head first, then take the root of it.",
        ),
        solution="(config.n_embd // config.n_head)**0.5",
        reason="A score is a sum of d products, so √d belongs under it: the width of one head, not of all.",
        mistakes={
            "config.n_embd**0.5": "That is √E. A score sums over one head only: √d.",
            "config.n_head**0.5": "That is the root of the number of heads. You want the root of their width.",
            "config.n_embd // config.n_head": "That is d. The root is missing.",
            "config.n_embd**0.5 / config.n_head": "The root stands over E only. Divide first, then take the root.",
        },
    ),
    Gap(
        id="3-qkv",
        task="Cut the activations into queries, keys and values, which lie side by side in that order.",
        line="Q, K, V = ____",
        given="qkv E",
        result="each piece is (T, E)",
        ask="are the cuts along the wide axis, and E apart?",
        hints=(
            "The last axis is 3E wide: three equal pieces of it. Every token stays in each of them.",
            "`split` takes the length of a piece and the axis; `chunk` takes the number of pieces and the axis.",
        ),
        solution="qkv.split(E, dim=-1)",
        reason="`c_attn` puts all queries first, then all keys, then all values: three pieces of width E.",
        mistakes={
            "qkv.split(3, dim=-1)": "`split` takes how long a piece is, not how many there are: these are 3 wide.",
            "qkv.chunk(3)": "With no axis named the cut goes along axis 0: every piece has a third of the tokens.",
            "qkv[:, 0::3], qkv[:, 1::3], qkv[:, 2::3]": "That deals the columns out in turn. "
            "Queries, keys and values lie in three blocks.",
            "qkv[:, E:2 * E], qkv[:, :E], qkv[:, 2 * E:]": "Q and K have changed places: the queries come first.",
        },
    ),
    Gap(
        id="3-heads",
        task="Cut the queries of the layer into heads.",
        line="heads = ____",
        given="Q T H d",
        result="a head is (T, d)",
        ask="which axis did you split, and how long is a piece?",
        hints=(
            "Each head has all tokens, and its own d columns.",
            "It is the cut of Q, K and V once more, with pieces of width d.",
        ),
        solution="Q.split(d, dim=-1)",
        reason="Heads lie side by side in Q, each d columns wide, so the cut goes along the columns.",
        mistakes={
            "Q.split(H, dim=-1)": "These pieces are H wide. `split` takes how long a piece is: a head is d wide.",
            "Q.split(d)": "With no axis named the cut goes along the tokens. Every head keeps them all.",
            "Q.view(H, T, d)": "The shapes fit, but a “head” holds a few whole tokens: `view` refills row by row. "
            "Cut the columns, or view as (T, H, d) first.",
            "Q.view(T, H, d)": "Those are T pieces, a token each, (H, d). Heads should come first.",
        },
    ),
    Gap(
        id="3-head",
        task="Take head h alone, by slicing.",
        line="Q_h = ____",
        given="Q T H d h",
        result="a head is (T, d)",
        ask="which axis did you slice, and from where to where?",
        hints=(
            "All rows, and d of the columns. Head 0 has columns 0 to d − 1. Where does head 1 begin?",
            "Head h begins at column h · d and ends where head h + 1 begins.",
        ),
        solution="Q[:, h * d:(h + 1) * d]",
        reason="Head h owns columns h·d up to, but not including, (h+1)·d.",
        mistakes={
            "Q[:, h::H]": "That takes every H-th column. A head's columns lie next to each other.",
            "Q[h * d:(h + 1) * d]": "The right numbers on the wrong axis: you sliced tokens.",
            "Q[:, h:h + d]": "That begins at column h. There are h whole heads before this one, each d wide.",
            "Q[:, h * H:(h + 1) * H]": "Steps of H. A head is d wide; H is how many there are.",
        },
    ),
    Gap(
        id="3-map",
        task="Turn a head for the heat map: tokens from left to right, dimensions upwards.",
        line='ax.imshow(____, origin="lower")',
        given="Q_h T d",
        result="the picture is (d, T)",
        ask="which axis does an image draw upwards?",
        hints=(
            "An image's first axis goes up, its second to the right. Which of the two are the tokens now?",
            "Rows and columns have to change places, each number staying with its token.",
        ),
        solution="Q_h.T",
        reason="`imshow` draws axis 0 upwards and axis 1 to the right, so the tokens must become axis 1.",
        mistakes={
            "Q_h": "As it is, tokens go up and dimensions to the right.",
            "Q_h.reshape(d, T)": "The right shape, but `reshape` refills row by row and mixes tokens.",
            "Q_h.T.flip(0)": "Turned, but upside down: `origin` already puts dimension 0 at the bottom.",
        },
    ),
)
TOPIC = Topic(WORDS, values, GAPS)
