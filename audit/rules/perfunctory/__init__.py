"""Rules of the group perfunctory."""
