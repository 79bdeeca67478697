"""What people do with what was flagged: cases, and everything decided about them."""
