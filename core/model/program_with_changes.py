"""Run the text as it is and with changes of attention, and hear what the model says then."""

import math
from types import SimpleNamespace
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, AutoTokenizer
from transformers.masking_utils import sdpa_mask

MODEL = "core/default_model"  # a folder, or a name on the Hugging Face hub
REVISION = "main"
TEXT = "Purple is a color similar in appearance to violet light."
LONGEST = 1024  # tokens: what comes after them is left out

# A change is a dictionary. It says what is otherwise, with one of
#   "divide": a number, "rootwidth" for √d, "rootembedding" for √E, "width" for d: scores are divided by it;
#   "mask": "none", "window" with "window": tokens, "nofirst", "onlyfirst": the keys that a query may see;
#   "weights": "zero", "textmean", "headmean", "row" with "row": a query: what weights are set to;
#   "scores": raw scores (H, T, T) by layer, from another run; where NaN, the run keeps its own;
# and where, with lists of "layers", "heads" and "queries"; all of them where there is no list.
changes: list[dict[str, Any]] = []  # of the run that is going on
layers: list[SimpleNamespace] = []  # what that run has kept of each layer so far


def attention(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> Any:
    """What every layer calls: its weights, with the changes made, times its values."""
    sharing = query.shape[1] // key.shape[1]  # query heads that share a key and value head
    key, value = (shared.repeat_interleave(sharing, dim=1) for shared in (key, value))
    visible = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool)
    if attention_mask is not None:
        given = attention_mask[0, 0]
        visible &= given if given.dtype == torch.bool else given == 0
    elif options.get("is_causal") is not False and getattr(module, "is_causal", True):
        visible = visible.tril()
    layer = SimpleNamespace(
        query=query[0],  # (H, T, d)
        key=key[0],
        value=value[0],
        scale=options.get("scaling") or query.shape[-1] ** -0.5,  # what the model multiplies products by
        softcap=options.get("softcap"),  # c of c · tanh(score / c), which keeps scores between −c and c
        visible=visible,  # (T, T): the keys that the model lets each query see
        number=module.layer_idx,
        changes=[one for one in changes if module.layer_idx in one.get("layers", [module.layer_idx])],
    )
    layers.append(layer)
    weights = weights_of(layer)
    return (weights @ layer.value).transpose(0, 1)[None].contiguous(), weights[None]


def scale_of(layer: SimpleNamespace) -> torch.Tensor:
    """(H, T, 1): what the products of each head and query are multiplied by."""
    heads, tokens, width = layer.query.shape
    divisors = {"rootwidth": math.sqrt(width), "rootembedding": math.sqrt(heads * width), "width": width}
    scale = torch.full((heads, tokens, 1), layer.scale)
    for change in layer.changes:
        if "divide" in change:
            divisor = divisors.get(change["divide"], change["divide"])
            scale = torch.where(rows_of(change, layer), 1 / divisor, scale)
    return scale


def visible_in(layer: SimpleNamespace) -> torch.Tensor:
    """(H, T, T): the keys that each head lets each query see."""
    visible = layer.visible.repeat(len(layer.query), 1, 1)
    for change in layer.changes:
        if "mask" in change:  # of two masks the later one
            visible = torch.where(rows_of(change, layer), seen_with(change, layer.visible), visible)
    return visible


def scores_of(layer: SimpleNamespace) -> torch.Tensor:
    """The raw scores (H, T, T) of a layer: products of queries and keys, scaled, and soft-capped by some models."""
    scores = layer.query @ layer.key.mT * scale_of(layer)
    if layer.softcap is not None:
        scores = torch.tanh(scores / layer.softcap) * layer.softcap
    for change in layer.changes:
        if "scores" in change:
            given = torch.as_tensor(change["scores"][layer.number], dtype=scores.dtype)
            scores = torch.where(rows_of(change, layer) & ~given.isnan(), given, scores)
    return scores


def weights_of(layer: SimpleNamespace) -> torch.Tensor:
    """The attention weights (H, T, T) of a layer."""
    weights = scores_of(layer).masked_fill(~visible_in(layer), -torch.inf).softmax(dim=-1)
    for change in layer.changes:
        if "weights" in change:
            new = {
                "zero": torch.zeros(1),
                "textmean": weights.mean(dim=1, keepdim=True),
                "headmean": weights.mean(dim=0, keepdim=True),
                "row": weights[:, change.get("row", 0), None],
            }[change["weights"]]
            weights = torch.where(rows_of(change, layer), new, weights)
    return weights


def rows_of(change: dict[str, Any], layer: SimpleNamespace) -> torch.Tensor:
    """(H, T, 1): True for the heads and queries that a change is of."""
    heads, queries = (range(length) for length in layer.query.shape[:2])
    chosen_heads = torch.tensor([head in change.get("heads", heads) for head in heads])
    chosen_queries = torch.tensor([query in change.get("queries", queries) for query in queries])
    return chosen_heads[:, None, None] & chosen_queries[:, None]


def seen_with(change: dict[str, Any], visible: torch.Tensor) -> torch.Tensor:
    """(T, T): the keys that each query may see with another mask; one that would see none sees itself."""
    if change["mask"] == "none":
        return torch.ones_like(visible)
    key = torch.arange(len(visible))
    query = key[:, None]
    left = {"window": query - key < change.get("window", 0), "nofirst": key > 0, "onlyfirst": key == 0}
    seen = visible & left[change["mask"]]
    return seen | (~seen.any(dim=1, keepdim=True) & (query == key))


AttentionInterface.register("changed", attention)
AttentionMaskInterface.register("changed", sdpa_mask)

tokenizer = AutoTokenizer.from_pretrained(MODEL, revision=REVISION)
model = AutoModelForCausalLM.from_pretrained(
    MODEL, revision=REVISION, dtype=torch.float32, attn_implementation="changed"
).eval()
token_ids = tokenizer(TEXT)["input_ids"][:LONGEST]


def says(with_changes: list[dict[str, Any]], of: list[int] = token_ids) -> SimpleNamespace:
    """What the model says of these tokens: the logits, the next tokens, the losses in nats, and its layers."""
    changes[:] = with_changes
    layers.clear()
    tokens = torch.tensor(of)
    with torch.inference_mode():
        logits = model(tokens[None], use_cache=False).logits[0]  # (T, V)
    losses = torch.nn.functional.cross_entropy(logits[:-1], tokens[1:], reduction="none")
    next_probability, next_ids = logits[-1].softmax(dim=-1).topk(min(5, logits.shape[-1]))
    return SimpleNamespace(
        logits=logits,
        next_ids=next_ids.numpy(),
        next_probability=next_probability.numpy(),  # in falling order
        losses=losses.numpy(),  # −ln p of each token but the first
        loss=losses.mean().item(),
        layers=list(layers),  # of which scores_of and weights_of tell more
    )
