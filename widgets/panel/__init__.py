"""What a part on the page is made of."""
