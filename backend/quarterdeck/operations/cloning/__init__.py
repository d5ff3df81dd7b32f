"""Copies of machines: what is asked, what it means, and the job that does it."""
