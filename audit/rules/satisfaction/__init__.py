"""Rules about satisfaction, 满意度."""
