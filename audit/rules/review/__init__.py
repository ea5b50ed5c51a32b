"""Rules of the group review."""
