"""What the rules look at: texts, sessions, turns, waits, disputes and what people say in them."""
