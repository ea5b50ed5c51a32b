"""Rules of the group response."""
