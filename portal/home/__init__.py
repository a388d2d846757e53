"""The landing page and the pages of text."""
