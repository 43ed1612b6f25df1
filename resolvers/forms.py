"""Forms under the account's settings."""

from resolvers.account_settings import current_settings
from rules import customer_form as rules
from rules.customer_form import FormField
from rules.vocabulary import ReceiverType, TaxpayerType


async def customer_form(receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None) -> list[FormField]:
    """The fields that a form for a new customer of these types shows."""
    settings = await current_settings()
    return rules.form(receiver_type, taxpayer_type, electronic=settings.electronic_invoicing)
