"""Files to take away: the pictures, numbers and code of every chart, and everything as one ZIP."""
