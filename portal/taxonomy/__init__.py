"""Topics, countries and regions: the trilingual vocabulary that everything is filed under."""
