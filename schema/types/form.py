"""The form of a customer."""

from typing import Self

import strawberry

from rules import customer_form as rules
from schema.context import Context


@strawberry.type(description="A field of the form for a customer of these types, under the account's settings.")
class FormField:
    name: str = strawberry.field(description="Name of the field in CustomerInput.")
    label: str = strawberry.field(
        description="The field's label, in Spanish or, if Accept-Language prefers it, in English."
    )
    required: bool = strawberry.field(description="Whether it is required.")
    forbidden: bool = strawberry.field(description="Whether it must be empty.")
    max_length: int | None = strawberry.field(
        description="The largest number of characters, or of entries of a list; null for no limit."
    )
    pattern: str | None = strawberry.field(
        description="A regular expression that the whole text matches; null for none."
    )

    @classmethod
    def of(cls, field: rules.FormField, context: Context) -> Self:
        return cls(
            name=field.name,
            label=context.say(field.label),
            required=field.required,
            forbidden=field.forbidden,
            max_length=field.max_length,
            pattern=field.pattern,
        )
