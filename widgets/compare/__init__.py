"""Pin and compare: one view is kept as A, and every part shows it below the live one, B."""
