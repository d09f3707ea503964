"""The default text and sample texts to try, with their sources."""

from __future__ import annotations

from typing import NamedTuple

OWN = "written for this lab"


class SampleText(NamedTuple):
    title: str
    text: str
    source: str
    look_for: str


DEFAULT_TEXT = (
    "Purple is a color similar in appearance to violet light. In the RYB color model historically used in the "
    "arts, purple is a secondary color created by combining red and blue pigments. In the CMYK color model used "
    "in modern printing, purple is made by combining magenta pigment with either cyan pigment, black pigment, or "
    "both. In the RGB color model used in computer and television screens, purple is created by mixing red and "
    "blue light in order to create colors that appear similar to violet light. According to color theory, purple "
    "is considered a cool color."
)

SAMPLES = (
    SampleText(
        "Purple",
        DEFAULT_TEXT,
        "Wikipedia, “Purple”, CC BY-SA",
        "The text of the study: one subject, and the same few words again and again.",
    ),
    SampleText(
        "The same words again",
        "lamp river seven cloud paper north lamp river seven cloud paper north lamp river seven cloud paper north",
        OWN,
        "In some heads each word looks at the word that followed its earlier copy: bright stripes beside the "
        "diagonal of the attention map.",
    ),
    SampleText(
        "Who is she?",
        "Anna lent her old bicycle to Peter because she had bought a new one, and when he brought it back a week "
        "later it was cleaner than before.",
        OWN,
        "Choose “she”, “he” or “it” in part 7 and see which of the earlier names and things it looks at.",
    ),
    SampleText(
        "A list",
        "On Monday we sold bread, milk, eggs, salt and tea. On Tuesday we sold bread, milk, eggs, salt and rice. "
        "On Wednesday we sold bread, milk, eggs, salt and",
        OWN,
        "Commas often collect attention; read in part 2 what the model expects as the last word.",
    ),
    SampleText(
        "A little program",
        "def area(width, height):\n    return width * height\n\nfor size in range(3):\n    print(area(size, size))\n",
        OWN,
        "Brackets and line breaks are tokens too: look where a closing bracket looks.",
    ),
    SampleText(
        "Another language",
        "Der Regen hat aufgehört, und über den Dächern der kleinen Stadt steht ein Regenbogen. Die Kinder laufen "
        "auf die Straße und zählen seine Farben: Rot, Orange, Gelb, Grün, Blau und Violett.",
        OWN,
        "A model trained on English cuts German words into many small pieces; compare the number of tokens.",
    ),
    SampleText(
        "Emoji",
        "Good morning ☀️! First coffee ☕, then a walk with the dog 🐕, and in the evening pizza 🍕 with friends 🎉.",
        OWN,
        "One emoji is several tokens, each a few bytes of it: see in part 7 which heads tie the pieces together.",
    ),
    SampleText(
        "One word",
        "Hello",
        OWN,
        "With almost nothing to look back at, the softmax has no choice: see how little is left to show.",
    ),
)
