"""Trained weights: the course's own file, and how to get those that others published."""
