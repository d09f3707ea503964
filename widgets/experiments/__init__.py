"""Experiments on the page: a panel that runs the model again, and what the model says then."""
