"""What partners open in the morning: needs, offers, matches, replies due and commitments on one page."""
