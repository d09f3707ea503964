"""Run the text once and keep every layer's queries, keys and values."""

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "core/default_model"  # a folder, or a name on the Hugging Face hub
REVISION = "main"
TEXT = "Purple is a color similar in appearance to violet light."
LONGEST = 1024  # tokens: what comes after them is left out

tokenizer = AutoTokenizer.from_pretrained(MODEL, revision=REVISION)
model = AutoModelForCausalLM.from_pretrained(MODEL, revision=REVISION, dtype=torch.float32).eval()
token_ids = tokenizer(TEXT)["input_ids"][:LONGEST]

L, H, E = model.config.n_layer, model.config.n_head, model.config.n_embd  # layers, heads, embedding width
d, T = E // H, len(token_ids)  # head width, tokens

# GPT-2 makes queries, keys and values of a layer in one go: hook the module that does.
outputs = []
for block in model.transformer.h:
    block.attn.c_attn.register_forward_hook(lambda module, inputs, output: outputs.append(output[0].numpy()))
with torch.inference_mode():
    logits = model(torch.tensor([token_ids])).logits[0, -1]  # what comes after the last token

Q, K, V = np.split(np.stack(outputs), 3, axis=-1)  # (L, T, 3E) to three times (L, T, E)
scale = [d**-0.5] * L  # what each layer multiplies its products by: 1/√d
visible = [np.tril(np.ones((T, T), bool))] * L  # the keys that each query may see: the causal mask


def heads_of(activations: np.ndarray) -> np.ndarray:
    """One layer's activations head by head: head h has the columns h·d to (h + 1)·d."""
    return activations.reshape(T, H, d).transpose(1, 0, 2)  # (T, E) to (H, T, d)


def raw_scores(products: np.ndarray, layer: int) -> np.ndarray:
    """Of products of queries and keys: divided by √d."""
    return products * scale[layer]
