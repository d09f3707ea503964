"""Numbers as the page writes them."""

from __future__ import annotations

import numpy as np

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | np.floating | np.integer) -> str:
    """Three digits with a true minus sign, and powers of ten for the very small: −0.00123, 12.3, 1.2×10⁻⁶."""
    value = float(value)
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"
    if "e" in text:
        digits, power = f"{value:.1e}".split("e")
        digits = digits.removesuffix(".0")
        text = ("" if digits == "1" else f"{digits}×") + "10" + str(int(power)).translate(SUPERSCRIPT)
    return text.replace("-", "−")


def percent(share: float | np.floating) -> str:
    """A share in percent; one that is not zero is never called 0 %, nor one below 1 called 100 %."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.3g} %"


def counted(count: int, noun: str) -> str:
    """1 head, 12 heads."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def also(sentence: str) -> str:
    """A further sentence, if there is one."""
    return f" {sentence}" if sentence else ""
