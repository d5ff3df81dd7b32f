"""Virtual networks, their filters, and who is on them."""
