"""The page around the parts: bar, keys, address, scripts, styles."""
