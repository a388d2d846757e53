"""Search: a small query language, text analysis in three languages, and the index behind a protocol."""
