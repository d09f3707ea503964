from core.model.texts import DEFAULT_TEXT
from core.parts.settings import Choice, Line, Switch

QUESTION = "Does the attention move from layer to layer?"
PICTURES = {"softmax_by_layer": "part8", "two_texts": "part8b", "patching": "part8c"}
SETTINGS = (
    Switch("attention_fit", False, "Fit colours to data"),
    Line("other_text", DEFAULT_TEXT.replace("red and blue pigments", "red and green pigments"), "Text A"),
    Choice(
        "patched",
        ("all", "layer", "head"),
        "Scores of A in",
        ("All layers", "The chosen layer", "The chosen head"),
    ),
)
