"""Take it with you: the pictures, numbers and code of every chart, and everything as one ZIP."""

from widgets.takeaway.takeaway import Takeaway

__all__ = ["Takeaway"]
