"""What the program of a difference starts from: by name, what the part's own program works out for A and for B."""

from typing import Any

a: Any
b: Any
