"""The moderators' room: the queue and the review of one submission."""
