"""The translation desk: what waits to be translated, and writing it beside its original."""
