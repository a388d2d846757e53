"""From an answer to a need or an offer to an agreement that is kept: replies, threads, commitments."""
