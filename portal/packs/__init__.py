"""Take-away packs: posts as one printable page, or as a zip to read without a line."""
