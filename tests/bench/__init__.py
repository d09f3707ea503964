"""`make bench`: how fast the lab is and what memory it takes, beside references measured in the same run."""
