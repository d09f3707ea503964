"""Part 10, B − A: the difference of the entropies of every head of two views."""

import numpy as np

from core.parts.views import a, b

entropy, by_layer = b.entropy - a.entropy, b.by_layer - a.by_layer

layer, head = np.unravel_index(np.abs(entropy).argmax(), entropy.shape)
print(f"B − A: entropy differs most in layer {layer}, head {head}: {entropy[layer, head]:+.3f}")
np.savez("part10-difference.npz", entropy=entropy, by_layer=by_layer)
