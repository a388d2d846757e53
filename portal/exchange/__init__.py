"""Programmes from elsewhere and needs and offers to elsewhere: IATI activities and CSV, in and out."""
