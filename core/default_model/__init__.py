"""The model that ships: its weights, its tokenizer and its card; `training` has the scripts that made them."""
