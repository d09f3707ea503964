"""Part 7, B − A: one head's scores and attention weights of two views of as many tokens, cell by cell."""

import numpy as np

from core.parts.views import a, b

raw, weights = b.raw - a.raw, b.weights - a.weights

query, key = np.unravel_index(np.abs(weights).argmax(), weights.shape)
print(f"B − A: the weights differ most, by {weights[query, key]:+.3g}, where token {query} looks at token {key}")
np.savez("part7c-difference.npz", raw=raw, weights=weights)
