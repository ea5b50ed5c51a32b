"""Rules of the group disturbance."""
