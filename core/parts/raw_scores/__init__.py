from core.parts.settings import Choice, Switch, in_layers

QUESTION = "Do a head's queries match its own keys better than those of other heads?"
PICTURES = {
    "raw_scores": "part4",
    "head_pairs": "part4b",
    "first_token": "part4c",
    "first_token_experiment": "part4d",
}
SETTINGS = (
    Switch("skip_first", True, "Leave out the first token"),
    Choice(
        "first_look",
        ("nofirst", "onlyfirst"),
        "Token 0",
        ("No head may look at it", "Only it may be looked at"),
    ),
    in_layers("first_layers"),
)
