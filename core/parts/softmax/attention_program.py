"""Part 7: one layer's attention of the last token to those before it, and of tokens to themselves."""

import numpy as np

from core.model.program import K, Q, T, heads_of, raw_scores, visible

LAYER = 2


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


S = raw_scores(heads_of(Q[LAYER]) @ heads_of(K[LAYER]).transpose(0, 2, 1), LAYER)  # (H, T, T)
M = np.where(visible[LAYER], 0, -np.inf)
A = softmax(S + M)

final_to_previous = A[:, -1, :-1].ravel()
diagonal = A.diagonal(axis1=1, axis2=2)  # (H, T)
self_attention, first_to_self = diagonal[:, 1:].ravel(), diagonal[:, 0]

if T > 1:
    print(f"layer {LAYER}: the last token gives a previous one {final_to_previous.mean():.3g} on average, ", end="")
    print(f"other tokens give themselves {self_attention.mean():.3g}")
print(f"the first token gives itself {first_to_self.mean():.3g}")
np.savez(
    "part7b.npz",
    final_to_previous=final_to_previous,
    self_attention=self_attention,
    first_to_self=first_to_self,
)
