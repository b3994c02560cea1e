"""What a run says: to a terminal, and later to a page."""
