"""Forms: the base that trims what was typed, and errors that stand beside their field."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField

from portal.core.errors import Invalid
from portal.core.text import one_line, tidy, whole_number


class PortalForm(FlaskForm):  # type: ignore[misc]
    """One form a write; `add_errors` puts what an action refused beside the fields."""

    def add_errors(self, refused: Invalid) -> None:
        """Show the messages of `refused` at their fields, or at the top when there is no such field."""
        for name, messages in refused.errors.items():
            field: Field | None = self._fields.get(name)
            if field is None:
                self.form_errors.extend(messages)
            else:
                field.errors = [*field.errors, *messages]


class LineField(StringField):  # type: ignore[misc]
    """One line of text, trimmed, without control characters."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Trim what was typed."""
        if valuelist:
            self.data = one_line(str(valuelist[0]))


class NumberField(IntegerField):  # type: ignore[misc]
    """A whole number, such as the version that a form was made from; what is none counts as 0."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a number that a column can hold."""
        if valuelist:
            self.data = whole_number(str(valuelist[0])) or 0


class TextField(TextAreaField):  # type: ignore[misc]
    """Text of several lines, trimmed, without control characters."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Trim what was typed."""
        if valuelist:
            self.data = tidy(str(valuelist[0]))
