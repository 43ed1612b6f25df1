"""Mails as they are read."""

from typing import Self

import strawberry

from announcements import mail_preview
from schema.errors import UserError


@strawberry.type(description="How a mail will read, or why there is none.")
class MailPreview:
    subject: str | None = strawberry.field(default=None, description="Its subject; null when refused.")
    text: str | None = strawberry.field(default=None, description="Its plain text; null when refused.")
    html: str | None = strawberry.field(
        default=None, description="The same as an HTML document, in which no text is markup; null when refused."
    )
    reply_to: str | None = strawberry.field(default=None, description="The address to which replies go; null for none.")
    files: list[str] = strawberry.field(default_factory=list, description="Names of the files that it will have.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is wrong with the arguments; empty when there is a mail."
    )

    @classmethod
    def of(cls, preview: mail_preview.MailPreview) -> Self:
        written = preview.written
        return cls(
            subject=written.subject,
            text=written.text,
            html=written.html,
            reply_to=preview.reply_to,
            files=list(preview.files),
        )
