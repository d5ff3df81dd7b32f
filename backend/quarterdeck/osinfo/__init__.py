"""The OS database: systems, their media and their needs."""
