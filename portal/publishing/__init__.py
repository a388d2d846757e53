"""Posting and reading: the editor, a contribution's page, lists, the workspace."""
