"""Machines as templates, from which others are deployed, and the versions of each."""
