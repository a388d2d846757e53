"""Lesson cards: who has used a lesson, and whether it still holds."""
