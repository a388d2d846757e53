"""Which offers fit a need and which needs fit an offer, explained in words."""
