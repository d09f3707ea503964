"""The model that ships: its weights, its tokenizer, its card, and the scripts that made them.

    corpus.py      texts -> tokenizer and token files -> batches
    train.py       the training loop, its checkpoints and its command line
    attention.py   what each head does, in five numbers
    card.py        measurements of a trained model, written as README.md
"""
