"""The form of a customer."""

from typing import Self

import strawberry

from rules import customer_form as rules
from schema.context import Context


@strawberry.type(description="A field of a form, for the types and the account's settings.")
class FormField:
    name: str = strawberry.field(description="The field of CustomerInput.")
    label: str = strawberry.field(description="What to call it: Spanish, or English by Accept-Language.")
    required: bool = strawberry.field(description="Whether it is required.")
    forbidden: bool = strawberry.field(description="Whether it must be empty.")
    max_length: int | None = strawberry.field(description="The maximum number of characters.")
    pattern: str | None = strawberry.field(description="A regular expression that the whole text matches.")

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
