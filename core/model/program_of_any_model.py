"""Run the text once and keep what every layer's attention gets."""

from typing import Any

import numpy as np
import torch
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, AutoTokenizer
from transformers.masking_utils import sdpa_mask

MODEL = "a-folder"  # a folder, or a name on the Hugging Face hub
REVISION = "main"
TEXT = "Purple is a color similar in appearance to violet light."
LONGEST = 1024  # tokens: what comes after them is left out

# Every layer hands its queries, keys and values to an attention function, and how they are to be used: this one keeps
# all of it.
kept: list[tuple[torch.Tensor, ...]] = []
scale: list[float] = []  # what each layer multiplies its products by
softcap: list[float | None] = []  # c of c · tanh(score / c), which keeps scores between −c and c
visible: list[np.ndarray] = []  # the keys that each query may see, (T, T)


def keeping(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> Any:
    sharing = query.shape[1] // key.shape[1]  # query heads that share a key and value head
    key, value = (shared.repeat_interleave(sharing, dim=1) for shared in (key, value))
    kept.append((query[0], key[0], value[0]))
    scale.append(options.get("scaling") or query.shape[-1] ** -0.5)
    softcap.append(options.get("softcap"))
    seen = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool)
    if attention_mask is not None:
        given = attention_mask[0, 0]
        seen &= given if given.dtype == torch.bool else given == 0
    elif options.get("is_causal") is not False and getattr(module, "is_causal", True):
        seen = seen.tril()
    visible.append(seen.numpy())

    scores = query @ key.transpose(-1, -2) * scale[-1]  # (1, H, T, T)
    if softcap[-1] is not None:
        scores = torch.tanh(scores / softcap[-1]) * softcap[-1]
    weights = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)
    return (weights @ value).transpose(1, 2).contiguous(), weights


AttentionInterface.register("keeping", keeping)
AttentionMaskInterface.register("keeping", sdpa_mask)

tokenizer = AutoTokenizer.from_pretrained(MODEL, revision=REVISION)
model = AutoModelForCausalLM.from_pretrained(
    MODEL, revision=REVISION, dtype=torch.float32, attn_implementation="keeping"
).eval()
token_ids = tokenizer(TEXT)["input_ids"][:LONGEST]
with torch.inference_mode():
    logits = model(torch.tensor([token_ids])).logits[0, -1]  # what comes after the last token
