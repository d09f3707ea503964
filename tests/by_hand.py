"""Slow plain references for changes of attention: whole forward passes with the change made by hand in them.

Written from the published architectures and from what a change is to mean; nothing here comes from `core`. GPT-2 is
numpy and float64 throughout (Radford et al. 2019, and the names of transformers' state dict). Every other model is its
own eager self with the attention function replaced. Letters: H heads, T tokens, d head width, V vocabulary.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy import ndarray
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedConfig, PreTrainedModel
from transformers.masking_utils import eager_mask


class Layer(NamedTuple):
    """What the weights of one layer are made of."""

    number: int
    products: ndarray
    """(H, T, T): q · k, neither scaled nor masked."""
    visible: ndarray
    """(H, T, T), bool: the keys that a query may see."""
    scale: ndarray
    """(H, T, 1): what a query's products are multiplied by."""
    softcap: float = math.inf


Change = Callable[[Layer], Layer]
"""Of the scores: before softmax."""
WeightChange = Callable[[ndarray], ndarray]
"""Of the weights (H, T, T): after softmax."""
Weigh = Callable[[Layer], ndarray]
"""A layer's weights (H, T, T)."""


def scores(layer: Layer) -> ndarray:
    """(H, T, T): scaled, and soft-capped where the layer does that; not masked."""
    scaled = layer.products * layer.scale
    return scaled if math.isinf(layer.softcap) else layer.softcap * np.tanh(scaled / layer.softcap)


def unchanged(layer: Layer) -> ndarray:
    """Softmax over the visible keys of every query of every head. A query that may see no key has weights of zero."""
    weights = np.zeros_like(layer.products)
    all_scores = scores(layer)
    for head, query in np.ndindex(weights.shape[:2]):
        seen = [key for key in range(weights.shape[2]) if layer.visible[head, query, key]]
        row = [all_scores[head, query, key] for key in seen]
        powers = [math.exp(score - max(row)) for score in row]
        for key, power in zip(seen, powers, strict=True):
            weights[head, query, key] = power / sum(powers)
    return weights


class Where(NamedTuple):
    """Layers, heads and query tokens, each by number; None: all of them."""

    layers: Collection[int] | None = None
    heads: Collection[int] | None = None
    queries: Collection[int] | None = None

    def rows(self, shape: tuple[int, ...]) -> ndarray:
        """(H, T, 1): True for the rows that are meant."""
        meant = np.zeros((*shape[:2], 1), bool)
        for head, query in np.ndindex(shape[:2]):
            meant[head, query] = (self.heads is None or head in self.heads) and (
                self.queries is None or query in self.queries
            )
        return meant


def weigh(*changes: tuple[Where, Change | None, WeightChange | None]) -> Weigh:
    """Weights with all changes of scores made first and those of weights after the softmax, each in its order."""

    def weights_of(layer: Layer) -> ndarray:
        here = [each for each in changes if each[0].layers is None or layer.number in each[0].layers]
        for where, change, _ in here:
            if change is not None:
                new, rows = change(layer), where.rows(layer.products.shape)
                layer = Layer(
                    layer.number,
                    np.where(rows, new.products, layer.products),
                    np.where(rows, new.visible, layer.visible),
                    np.where(rows, new.scale, layer.scale),
                    layer.softcap,
                )
        weights = unchanged(layer)
        for where, _, change_weights in here:
            if change_weights is not None:
                weights = np.where(where.rows(weights.shape), change_weights(weights), weights)
        return weights

    return weights_of


# Changes of the scores.


def divided_by(divisor: float) -> Change:
    return lambda layer: layer._replace(scale=np.full_like(layer.scale, 1 / divisor))


def no_mask(layer: Layer) -> Layer:
    return layer._replace(visible=np.ones_like(layer.visible))


def last_tokens(window: int) -> Change:
    """Of the visible keys the last `window` ones, the query's own token among them."""

    def change(layer: Layer) -> Layer:
        visible = layer.visible.copy()
        for head, query, key in np.ndindex(visible.shape):
            visible[head, query, key] &= query - key < window
        return layer._replace(visible=visible)

    return change


def without_first(layer: Layer) -> Layer:
    """Token 0 is hidden from every query but itself."""
    visible = layer.visible.copy()
    visible[:, 1:, 0] = False
    return layer._replace(visible=visible)


def only_first(layer: Layer) -> Layer:
    """Of the visible keys token 0 alone; a query that does not see it (beyond a sliding window) sees itself."""
    visible = np.zeros_like(layer.visible)
    for head, query in np.ndindex(visible.shape[:2]):
        visible[head, query, 0 if layer.visible[head, query, 0] else query] = True
    return layer._replace(visible=visible)


def products_from(others: Sequence[ndarray], pairs: Sequence[tuple[int, int]]) -> Change:
    """The products of another run, by layer, where query and key both have a partner: pairs of (here, there)."""

    def change(layer: Layer) -> Layer:
        products = layer.products.copy()
        for query, other_query in pairs:
            for key, other_key in pairs:
                products[:, query, key] = others[layer.number][:, other_query, other_key]
        return layer._replace(products=products)

    return change


# Changes of the weights.


def zero(weights: ndarray) -> ndarray:
    return np.zeros_like(weights)


def mean_over_text(weights: ndarray) -> ndarray:
    """Every row of a head becomes the mean of all its rows."""
    return np.stack([np.tile(head.mean(axis=0), (len(head), 1)) for head in weights])


def row(number: int) -> WeightChange:
    """Every row of a head becomes that one."""
    return lambda weights: np.stack([np.tile(head[number], (len(head), 1)) for head in weights])


def mean_over_heads(weights: ndarray) -> ndarray:
    return np.stack([weights.mean(axis=0)] * len(weights))


# Forward passes.


def kept_products(run: Callable[[Weigh], Any]) -> list[ndarray]:
    """The products of every layer, (H, T, T) each, of an unchanged run."""
    kept = []

    def keep(layer: Layer) -> ndarray:
        kept.append(layer.products)
        return unchanged(layer)

    run(keep)
    return kept


def gpt2_by_hand(
    weights: dict[str, ndarray], config: PreTrainedConfig, token_ids: ndarray, weigh_layer: Weigh = unchanged
) -> ndarray:
    """Logits (T, V) of GPT2LMHeadModel from its state dict."""
    numbers = {name.removeprefix("transformer."): array.astype(np.float64) for name, array in weights.items()}
    tokens, heads = len(token_ids), config.n_head
    width = config.n_embd // heads

    def linear(x: ndarray, name: str) -> ndarray:
        return x @ numbers[f"{name}.weight"] + numbers[f"{name}.bias"]

    def norm(x: ndarray, name: str) -> ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + config.layer_norm_epsilon)
        return scaled * numbers[f"{name}.weight"] + numbers[f"{name}.bias"]

    def gelu(x: ndarray) -> ndarray:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    assert config.activation_function == "gelu_new"
    x = numbers["wte.weight"][token_ids] + numbers["wpe.weight"][:tokens]
    for number in range(config.n_layer):
        name = f"h.{number}"
        query, key, value = np.split(linear(norm(x, f"{name}.ln_1"), f"{name}.attn.c_attn"), 3, axis=1)
        columns = [slice(head * width, (head + 1) * width) for head in range(heads)]
        products = np.stack([query[:, of_head] @ key[:, of_head].T for of_head in columns])
        scale = 1 / math.sqrt(width) if config.scale_attn_weights else 1.0
        if config.scale_attn_by_inverse_layer_idx:
            scale /= number + 1
        causal = np.tril(np.ones((tokens, tokens), bool))
        layer = Layer(number, products, np.stack([causal] * heads), np.full((heads, tokens, 1), scale))
        attention = weigh_layer(layer)
        read = np.concatenate([attention[head] @ value[:, columns[head]] for head in range(heads)], axis=1)
        x = x + linear(read, f"{name}.attn.c_proj")
        x = x + linear(gelu(linear(norm(x, f"{name}.ln_2"), f"{name}.mlp.c_fc")), f"{name}.mlp.c_proj")
    return norm(x, "ln_f") @ numbers["wte.weight"].T


def eager_by_hand(model: PreTrainedModel, token_ids: ndarray, weigh_layer: Weigh = unchanged) -> ndarray:
    """Logits (T, V) of a copy of any model whose attention is a function that can be replaced."""

    def attention(
        module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float, **options: Any
    ) -> tuple[Any, None]:
        heads, tokens = query.shape[1:3]
        sharing = heads // key.shape[1]
        products, read = np.empty((heads, tokens, tokens)), torch.empty(1, tokens, heads, value.shape[-1])
        for head in range(heads):
            products[head] = (query[0, head].double() @ key[0, head // sharing].double().T).numpy()
        visible = np.stack([attention_mask[0, 0].numpy() == 0] * heads)
        softcap = options.get("softcap") or math.inf
        layer = Layer(module.layer_idx, products, visible, np.full((heads, tokens, 1), scaling), softcap)
        weights = weigh_layer(layer)
        for head in range(heads):
            read[0, :, head] = torch.from_numpy(weights[head]).to(value.dtype) @ value[0, head // sharing]
        return read, None

    AttentionInterface.register("by-hand", attention)
    AttentionMaskInterface.register("by-hand", eager_mask)
    own = copy.deepcopy(model).eval()
    own.set_attn_implementation("by-hand")
    with torch.inference_mode():
        return own(input_ids=torch.from_numpy(token_ids)[None], use_cache=False).logits[0].double().numpy()
