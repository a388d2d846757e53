"""The catalogues, and what keeps the English one complete."""
