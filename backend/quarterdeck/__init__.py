"""Quarterdeck, the web console of a KVM host."""

__version__ = "0.1.0"
