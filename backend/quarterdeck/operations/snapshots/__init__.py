"""Snapshots: what there is, taking, going back, deleting with merge."""
