"""Numbers and programs as files."""
