from core.parts.settings import Choice, Real, Switch

QUESTION = "How are queries, keys and values split into heads?"
PICTURES = {"heads": "part3", "overview": "part3b"}
MEASURE = Choice(
    "measure",
    ("entropy", "to_first", "to_previous", "to_itself", "raw_score", "within_minus_across"),
    "Number of each head",
    words=("Entropy", "To the first token", "To the previous", "To itself", "Raw score", "Within − across heads"),
)
SETTINGS = (
    Choice("activation", ("query", "key", "value"), "Show", words=("Q", "K", "V")),
    Real("activation_limit", 2.0, 0.1, 20.0, "Colour scale ±", step=0.1),
    Switch("activation_fit", False, "Fit colours to data"),
    MEASURE,
)
