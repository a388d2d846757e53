"""Discussion: comments and questions under what is published, their reports and their moderation."""
