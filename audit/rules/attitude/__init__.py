"""Rules of the group attitude."""
