"""The server's side; only the server's settings name it."""
