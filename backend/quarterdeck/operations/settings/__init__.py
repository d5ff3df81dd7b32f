"""The settings of a machine: forms, changes, and what of them is done live."""
