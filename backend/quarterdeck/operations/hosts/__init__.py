"""The hosts themselves: known, trusted, and kept from starting a machine twice."""
