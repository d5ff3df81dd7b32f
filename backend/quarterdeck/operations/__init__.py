"""What a user asks for: a plan, and its application."""
