"""The few shapes that rules are made of."""
