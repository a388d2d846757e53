"""The demo world: real customs life told by invented people, and contributions in numbers for load."""
