"""Customs Exchange: customs administrations and their partners share reforms, lessons and cooperation."""
