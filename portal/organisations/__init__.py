"""Tenants: organisations, their members and roles, invitations, and the labels a person holds."""
