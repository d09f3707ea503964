"""Run the text once and keep every layer's queries, keys and values, as attention gets them."""

from typing import Any

import numpy as np
import torch
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, AutoTokenizer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

MODEL = "a-folder"  # a folder, or a name on the Hugging Face hub
REVISION = "main"
TEXT = "Purple is a color similar in appearance to violet light."
LONGEST = 1024  # tokens: what comes after them is left out

# Every layer hands its queries, keys and values to an attention function: this one keeps them.
kept: list[tuple[torch.Tensor, ...]] = []


def keeping(module: Any, query: Any, key: Any, value: Any, *others: Any, **options: Any) -> Any:
    sharing = query.shape[1] // key.shape[1]  # query heads that share a key and value head
    kept.append((query[0], *(shared[0].repeat_interleave(sharing, dim=0) for shared in (key, value))))
    return sdpa_attention_forward(module, query, key, value, *others, **options)


AttentionInterface.register("keeping", keeping)
AttentionMaskInterface.register("keeping", sdpa_mask)

tokenizer = AutoTokenizer.from_pretrained(MODEL, revision=REVISION)
model = AutoModelForCausalLM.from_pretrained(
    MODEL, revision=REVISION, dtype=torch.float32, attn_implementation="keeping"
).eval()
token_ids = tokenizer(TEXT)["input_ids"][:LONGEST]
with torch.inference_mode():
    logits = model(torch.tensor([token_ids])).logits[0, -1]  # what comes after the last token

L, (H, T, d) = len(kept), kept[0][0].shape  # layers; heads, tokens, head width
E = H * d
Q, K, V = (
    np.stack([layer[which].transpose(0, 1).reshape(T, E).numpy() for layer in kept]) for which in range(3)
)  # (L, T, E) each, the heads side by side


def heads_of(activations: np.ndarray) -> np.ndarray:
    """One layer's activations head by head: head h has the columns h·d to (h + 1)·d."""
    return activations.reshape(T, H, d).transpose(1, 0, 2)  # (T, E) to (H, T, d)
