"""Part 10, the ranking: how much the mean loss rises without each head of the model. One run of the model a head."""

import numpy as np

from core.model.program_with_changes import model, says

OFF_WEIGHTS = "zero"  # or textmean: the mean weights of the text

L, H = model.config.num_hidden_layers, model.config.num_attention_heads
loss = says([]).loss
rise = np.zeros((L, H))
for layer in range(L):
    for head in range(H):
        rise[layer, head] = says([{"weights": OFF_WEIGHTS, "layers": [layer], "heads": [head]}]).loss - loss

print(f"mean loss {loss:.3f} nats a token with all heads")
for at in np.argsort(-rise, axis=None)[:5]:
    print(f"without layer {at // H}, head {at % H}: {rise.flat[at]:+.3f}")
np.savez("part10c.npz", loss=loss, rise=rise)
