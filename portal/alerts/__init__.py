"""Saved searches: what each finds is told to its owner, and stands in a feed."""
