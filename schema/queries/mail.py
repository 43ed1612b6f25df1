"""How mails will read."""

from typing import Annotated

import strawberry

from announcements import mail_preview
from rules.faults import Refusal
from rules.vocabulary import Language
from schema.context import Info
from schema.errors import UserError
from schema.inputs.account import MailTextInput
from schema.types.mail import MailPreview


@strawberry.type
class MailQueries:
    @strawberry.field(
        description=(
            "How a mail with a document will read, with the account's own words. Nothing is sent. Those who got a "
            "document by mail are told when it is void, in the service's words."
        )
    )
    async def preview_mail(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The document's id; without it, an invented invoice.")
        ] = None,
        language: Annotated[
            Language, strawberry.argument(description="Language of the invented invoice; a document has its own.")
        ] = Language.ES,
        mail_texts: Annotated[
            list[MailTextInput] | None,
            strawberry.argument(description="As if these were the account's own words; by default those that it has."),
        ] = None,
        message: Annotated[
            str | None, strawberry.argument(description="The message of `sendDocument`; null for none.")
        ] = None,
        void: Annotated[
            bool, strawberry.argument(description="Whether it is the mail which tells that the document is void.")
        ] = False,
    ) -> MailPreview:
        own = None if mail_texts is None else [vars(each) for each in mail_texts]
        try:
            return MailPreview.of(await mail_preview.preview(id, language, own, message, void=void))
        except Refusal as refusal:
            return MailPreview(user_errors=[UserError.of(fault, info.context) for fault in refusal.faults])
