"""The outbox: what is to be done later, written in the transaction that calls for it."""
