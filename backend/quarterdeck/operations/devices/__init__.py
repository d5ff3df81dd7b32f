"""The devices of a machine: put in, changed and taken out."""
