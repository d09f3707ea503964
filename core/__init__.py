"""The numbers of the Attention Scores Lab: models, captures, the parts of the study as pure functions of arrays."""

from core import threads as threads
