"""Part 9: the mean of a list against the mean of two group means."""

import numpy as np

LIST_LENGTH = 4
CUT = 2  # numbers in the first group

numbers = np.arange(1, LIST_LENGTH + 1)
first, second = numbers[:CUT].mean(), numbers[CUT:].mean()
of_means, overall = (first + second) / 2, numbers.mean()

print(f"groups {numbers[:CUT]} and {numbers[CUT:]}: means {first:.3g} and {second:.3g}")
print(f"mean of the two means {of_means:.3g}, mean of all {overall:.3g}")
np.savez("part9b.npz", first=first, second=second, of_means=of_means, overall=overall)
