"""Rules of the group process."""
