"""What is known of all hosts, kept in step with them: machines, what may be done, what is wrong, who uses what."""
