from core.parts.settings import Real, Whole

QUESTION = "Why are the scores divided by √d?"
SMALLEST, LARGEST = 5, 100
"""The matrix sizes n of the study."""
SETTINGS = (
    Whole("sizes_from", SMALLEST, SMALLEST, LARGEST - 1, "Smallest n", below="sizes_to"),
    Whole("sizes_to", LARGEST, SMALLEST + 1, LARGEST, "Largest n"),
    Real("sigma", 1.0, 0.1, 3.0, "Spread σ", step=0.1),
    Whole("seed", 0, 0, 9999, "Seed"),
    Whole("size", 64, SMALLEST, LARGEST, "Size n"),
)
