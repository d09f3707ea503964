"""The numbers of the Attention Scores Lab: models, captures, the nine parts as pure functions of arrays."""

from core import threads as threads
