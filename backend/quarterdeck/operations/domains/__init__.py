"""A machine as a whole: power, first boot, deletion, and the ways back through its history."""
