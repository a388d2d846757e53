"""Following organisations, topics, countries and posts, and feeds of what is published."""
