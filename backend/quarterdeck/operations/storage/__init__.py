"""Volumes: made, filled, copied, converted in place, and on what they stand."""
