"""Exercises: gaps to fill, states to reach, and predictions before a part's charts are seen."""
