"""Part 3: all layers and all heads, a few numbers of each head's attention."""

import numpy as np

from core.model.program import H, K, L, Q, T, heads_of, raw_scores, token_ids, visible

entropy, to_first, to_previous, to_itself, raw_score, within_minus_across, to_duplicates = np.full((7, L, H), np.nan)
ids = np.array(token_ids)
earlier = np.tril(ids[:, None] == ids, -1)  # where the same token stood before, (T, T)
repeated = earlier.any(axis=-1)

for layer in range(L):
    Q_h, K_h = heads_of(Q[layer]), heads_of(K[layer])  # (H, T, d)
    S = raw_scores(Q_h @ K_h.transpose(0, 2, 1), layer)  # (H, T, T)
    raw_score[layer] = S[:, visible[layer]].mean(axis=-1)
    S = np.where(visible[layer], S, -np.inf)
    powers = np.exp(S - S.max(axis=-1, keepdims=True))
    A = powers / powers.sum(axis=-1, keepdims=True)

    rows = -(A * np.log(A, where=A > 0, out=np.zeros_like(A))).sum(axis=-1)  # (H, T); 0 ln 0 counts as 0
    seen = visible[layer].sum(axis=-1)  # how many keys each query sees
    if (seen > 1).any():  # one that sees a single key has no choice
        entropy[layer] = (rows[:, seen > 1] / np.log(seen[seen > 1])).mean(axis=-1)
    if T > 1:
        to_first[layer] = A[:, 1:, 0].mean(axis=-1)
        to_previous[layer] = A.diagonal(-1, 1, 2).mean(axis=-1)
        to_itself[layer] = A.diagonal(0, 1, 2)[:, 1:].mean(axis=-1)
    if repeated.any():
        to_duplicates[layer] = (A * earlier).sum(axis=-1)[:, repeated].mean(axis=-1)
    if T > 2 and H > 1:  # the last token's query of each head on the keys of every head, token 0 left out
        last = raw_scores(np.einsum("hd,gkd->hgk", Q_h[:, -1], K_h[:, 1:-1]), layer).mean(axis=-1)  # (H, H)
        within = last.diagonal()
        within_minus_across[layer] = within - (last.sum(axis=-1) - within) / (H - 1)

for kind, scores in (("previous", to_previous), ("first", to_first), ("same", to_duplicates)):
    order = np.argsort(-scores, axis=None)[:3]
    best = [f"layer {at // H}, head {at % H}" for at in order if not np.isnan(scores.flat[at])]
    print(f"to the {kind} token: most in {'; '.join(best) or 'none'}")
np.savez(
    "part3b.npz",
    entropy=entropy,
    to_first=to_first,
    to_previous=to_previous,
    to_itself=to_itself,
    raw_score=raw_score,
    within_minus_across=within_minus_across,
    to_duplicates=to_duplicates,
)
