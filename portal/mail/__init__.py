"""Mail: what a message is, how it becomes a letter, and how the letter leaves the house."""
