"""The demo world: real customs life, told by invented people, and plausible contributions in numbers for load."""
