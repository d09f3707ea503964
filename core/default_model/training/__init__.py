"""The model that ships: its weights, its tokenizer, its card, and the scripts that made them.

recipe.py        settings, first weights, loss, optimizers
corpus.py        texts -> tokenizer, token files, batches
train.py         the training loop and its command line
checkpoints.py   what lets it stop and go on
attention.py     what each head does, in five numbers
measure.py       loss, baselines, continuations
card.py          all that was measured, as README.md
"""


class Refused(Exception):
    """What was asked for cannot be done; the message is one line for the person who asked."""
