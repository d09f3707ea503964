"""From a name and a text to a Capture."""
