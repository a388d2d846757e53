"""Files as such: storage, what they really are, scanner, cleaning and words; nothing of posts."""
