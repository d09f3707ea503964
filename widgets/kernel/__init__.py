"""What bypasses a library in the kernel of a page."""
