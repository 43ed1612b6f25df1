"""How many mails an account may send in a day, in all and to one address. What is beyond waits for the next day."""

from typing import Final

from tortoise.connection import get_connection

from announcements.deliveries import Claim
from db import tenant
from rules.calendar import TIME_ZONE

_UNLIMITED: Final = 2**31 - 1


class MailQuota:
    """``of_account`` and ``to_address`` are mails a day, 0 for any number. The day is Panama's.

    Counts are kept for account and address together: if they were an address's alone, one account could use up
    what another needs.
    """

    def __init__(self, of_account: int, to_address: int) -> None:
        self._of_account = of_account or _UNLIMITED
        self._to_address = to_address or _UNLIMITED

    async def admit(self, claim: Claim) -> bool:
        """Count this mail; if it is beyond the quota, leave it and all that are due like it for the next day."""
        account, email = tenant.current_account(), claim.email or ""
        database = get_connection("default")
        arguments = [account, email, self._of_account, self._to_address]
        _, [row] = await database.execute_query(_COUNT, arguments)
        if row["is_counted"]:
            return True
        whose, most = "this account", self._of_account
        if not row["account_is_full"]:
            whose, most = "this account to this address", self._to_address
        reason = f"waits for tomorrow: the most mails a day from {whose}: {most}"
        others = None if row["account_is_full"] else email
        await database.execute_query(_POSTPONE, [account, claim.id, claim.attempts, others, reason])
        return False

    async def give_back(self, claim: Claim) -> None:
        """Take a mail that was not sent out of the count."""
        await get_connection("default").execute_query(_GIVE_BACK, [tenant.current_account(), claim.email])


_TODAY: Final = f"(now() AT TIME ZONE '{TIME_ZONE}')::date"
_MIDNIGHT: Final = f"(({_TODAY} + 1)::timestamp AT TIME ZONE '{TIME_ZONE}')"

_COUNT: Final = f"""
    WITH forgotten AS (
        DELETE FROM mail_count WHERE account_id = $1 AND day < {_TODAY}
    ), today AS (
        SELECT coalesce(sum(mails), 0) >= $3 AS is_full FROM mail_count WHERE account_id = $1 AND day = {_TODAY}
    ), counted AS (
        INSERT INTO mail_count AS m (account_id, day, email, mails)
        SELECT $1, {_TODAY}, lower($2), 1 FROM today WHERE NOT is_full
        ON CONFLICT (account_id, day, email) DO UPDATE SET mails = m.mails + 1 WHERE m.mails < $4
        RETURNING mails
    )
    SELECT EXISTS (SELECT FROM counted) AS is_counted, is_full AS account_is_full FROM today
"""

_GIVE_BACK: Final = f"""
    UPDATE mail_count SET mails = mails - 1
    WHERE account_id = $1 AND day = {_TODAY} AND email = lower($2) AND mails > 0
"""

# The claim itself is no attempt, and the time until then is no time of failing.
_POSTPONE: Final = f"""
    UPDATE delivery SET
        error = $5,
        attempts = attempts - (id = $2)::int,
        began_at = CASE WHEN attempts > (id = $2)::int
            THEN to_timestamp(extract(epoch FROM began_at - timestamptz 'epoch')::float8 + t.pause) ELSE began_at END,
        due_at = {_MIDNIGHT}
    FROM (SELECT extract(epoch FROM {_MIDNIGHT} - now())::float8 AS pause) t
    WHERE account_id = $1 AND webhook_id IS NULL AND status = 'PENDING'
        AND (id = $2 AND attempts = $3 OR due_at <= now() AND ($4::text IS NULL OR lower(email) = lower($4)))
"""
