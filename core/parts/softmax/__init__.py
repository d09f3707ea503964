from core.parts.settings import Choice, Real, Whole, in_layers

QUESTION = "What does the causal mask do, and where does the attention go?"
PICTURES = {
    "softmax": "part7a",
    "attention": "part7b",
    "attention_maps": "part7c",
    "mask_experiment": "part7d",
}
MASK_SIZE = Whole("mask_size", 5, 2, 12, "Mask size")
SETTINGS = (
    MASK_SIZE,
    Real("weight_limit", 0.3, 0.05, 1.0, "Colours of A up to", step=0.05),
    Choice(
        "mask_kind",
        ("none", "window", "nofirst", "onlyfirst"),
        "Mask",
        ("None", "Window", "Without token 0", "Token 0 only"),
    ),
    Whole("window", 4, 1, 64, "Tokens of the window"),
    in_layers("mask_layers"),
)
