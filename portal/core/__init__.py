"""The ground floor: database, clock, text, pages and web; it knows nothing of customs."""
