"""Scores, mask, softmax and distributions: what all parts share."""
