from core.parts.settings import Choice, Line

QUESTION = "Which heads look at one token, which at many?"
PICTURES = {"entropy": "part10", "heads_off": "part10b", "head_ranking": "part10c"}
SETTINGS = (
    Line("heads_off", "", "Heads that are off"),
    Choice("off_weights", ("zero", "textmean"), "Off means", ("Weights of 0", "Mean weights of the text")),
)
