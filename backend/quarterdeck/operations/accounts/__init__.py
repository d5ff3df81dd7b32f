"""What each account keeps for its next machines."""
