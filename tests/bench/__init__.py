"""`make bench`: how fast the lab is and what memory it takes, beside references measured in the same run."""

import core.threads  # noqa: F401  (before numpy, as in the lab: its products take one thread)
