from core.parts.settings import Choice, Whole

QUESTION = "When may you average over heads, and when not?"
PICTURES = {"averaging": "part9", "group_means": "part9b", "average_order": "part9c", "averaged_heads": "part9d"}
SETTINGS = (
    Choice(
        "normalisation",
        ("matched", "plain", "own_width"),
        "Scale",
        words=("Matched", "Plain sums", "Each by its own width"),
    ),
    Choice("averaged", ("heads", "layers"), "Averaged over", words=("This layer's heads", "All layers' heads")),
    Whole("list_length", 4, 2, 12, "Numbers 1 … n"),
    Whole("cut", 2, 1, 11, "Cut after k", below="list_length"),
    Choice("average_layers", ("all", "one"), "In", ("All layers", "The chosen layer")),
)
