"""Rules of the group conduct."""
