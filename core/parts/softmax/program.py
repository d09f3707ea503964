"""Part 7: the causal mask, and what softmax makes of it."""

import numpy as np

MASK_SIZE = 5

binary = np.triu(np.ones((MASK_SIZE, MASK_SIZE)), k=1)  # 1 above the diagonal: hidden
causal = np.where(binary == 1, -np.inf, 0.0)
powers = np.exp(causal)  # e⁰ = 1 and e^−∞ = 0
softmax = powers / powers.sum(axis=-1, keepdims=True)

print(softmax.round(3))
np.savez("part7a.npz", binary=binary, causal=causal, softmax=softmax)
