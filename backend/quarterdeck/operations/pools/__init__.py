"""Pools of storage: made on one or several hosts, started, edited, removed."""
