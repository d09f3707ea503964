"""Part 2: the tokens of the text, the shapes of the activations, and the model's guesses for the next token."""

import numpy as np

from core.model.program import E, H, K, L, Q, T, V, d, logits, model, token_ids, tokenizer

for position, token_id in enumerate(token_ids):
    print(f"{position:4} {token_id:6} {tokenizer.decode([token_id])!r}")
print(f"{L} layers, {H} heads, embedding width {E}, head width {d}, √d = {d**0.5:.3g}")
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters")
print(f"Q, K and V of one layer: {Q[0].shape}, {K[0].shape}, {V[0].shape}; of one head: {(T, d)}")

probability, next_ids = logits.softmax(dim=-1).topk(5)
for share, token_id in zip(probability.tolist(), next_ids.tolist(), strict=True):
    print(f"next: {tokenizer.decode([token_id])!r} with {share:.1%}")
np.savez("part2.npz", tokens=np.array(token_ids), next_ids=next_ids.numpy(), next_probability=probability.numpy())
