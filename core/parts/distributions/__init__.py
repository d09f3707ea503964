from core.parts.settings import Choice, Real, Switch, in_layers

QUESTION = "What do scores look like before softmax and after it?"
PICTURES = {"distributions": "part6", "scale_experiment": "part6b"}
SETTINGS = (
    Switch("causal", False, "Apply the model's mask"),
    Choice(
        "divisor",
        ("one", "rootwidth", "rootembedding", "width", "number"),
        "Divide by",
        words=("1", "√d", "√E", "d", "The number"),
    ),
    Real("divided_by", 4.0, 0.25, 64.0, "The number", step=0.25, logarithmic=True),
    in_layers("scale_layers"),
)
