"""emission: electronic documents that wait for somebody, and the comparison of accounts with their providers."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import click
import orjson

from db import tenant
from emission import listing, reconciliation
from emission.differences import describe
from emission.reconciling import Looks
from pac.cipher import Undecryptable
from resolvers import corrections
from rules.faults import Refusal
from rules.vocabulary import BlockedReason, DifferenceKind
from service.commands.base import account_option, in_english, known_account, run
from service.database import as_owner, connected
from service.emission import open_reconciling
from service.logs import start_logging
from service.registry import own_sandbox
from service.settings import read_settings

_STATUSES: Final = {"open": listing.OPEN, "rejected": ("REJECTED",), "blocked": ("BLOCKED",)}
_DIFFERENCES: Final = "differences"
_MOST: Final = 1000  # lines of each kind

some_account = click.option("--account", "account_id", type=click.UUID, help="The account's id; by default all.")


@click.group("emission")
def emission_group() -> None:
    """Electronic invoices that wait for somebody, and what differs between accounts and their providers."""


@emission_group.command("list")
@some_account
@click.option("--only", type=click.Choice([*_STATUSES, _DIFFERENCES]), help="One kind of them; by default all.")
def list_waiting(account_id: UUID | None, only: str | None) -> None:
    """List what is open, rejected or blocked, and what differs from the providers, with what to do."""
    settings = read_settings()
    wanted = [status for name, statuses in _STATUSES.items() if only in (None, name) for status in statuses]

    async def work() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        async with as_owner(settings):
            documents = await listing.list_documents(wanted, account_id, _MOST) if wanted else []
            differ = await listing.list_differences(account_id, _MOST) if only in (None, _DIFFERENCES) else []
            return documents, differ

    documents, differences = run(work())
    for row in documents:
        click.echo(_describe_document(row))
    for row in differences:
        click.echo(_describe_difference(row))
    if not documents and not differences:
        click.echo("nothing")


def _describe_document(row: dict[str, Any]) -> str:
    reason = f" {row['blocked_reason']}" if row["status"] == "BLOCKED" else ""
    message = f"  {_line(row['message'])}" if row["message"] else ""
    status = f"{row['status']}{reason}"
    return f"{row['account_id']}  {row['document_id']}  {row['number']}  {status}  {_time(row['open_since'])}{message}"


def _describe_difference(row: dict[str, Any]) -> str:
    text = describe(DifferenceKind(row["kind"]), row["subject"], row["count"], row["detail"])
    return f"{row['account_id']}  {row['kind']}  {row['subject']}  {_time(row['since'])}  {text.en}"


def _line(text: str) -> str:
    """As one line of a terminal: what a provider says may have anything in it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%FT%TZ}" if moment else "-"


@emission_group.command("show")
@click.argument("document_id", type=click.UUID)
def show(document_id: UUID) -> None:
    """Show a document by its id, with its attempts."""
    settings = read_settings()

    async def work() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        async with as_owner(settings):
            row = await listing.find_document(document_id)
            if row is None:
                raise click.ClickException("There is no electronic document with this id.")
            return row, await listing.list_attempts(row["account_id"], document_id)

    row, attempts = run(work())
    for name in ("account_id", "number", "environment", "provider", "status", "blocked_reason", "blocked_message"):
        _echo(name, row[name])
    for name in ("cufe", "protocol", "void_reason", "void_refusal"):
        _echo(name, row[name])
    for name in ("issued_at", "open_since", "failing_since", "due_at", "authorized_at", "voided_at", "files_due_at"):
        _echo(name, row[name] and _time(row[name]))
    for fault in orjson.loads(row["faults"]):
        _echo("fault", f"{fault['code']} {fault['message']}")
    _echo("former numbers", ", ".join(row["former_numbers"]))
    _echo("files", ", ".join(row["files"]))
    for each in attempts:
        said = " ".join(filter(None, [each["outcome"] or "under way", each["code"], each["message"]]))
        provider = each["provider"] or "-"
        click.echo(f"{_time(each['started_at'])}  {each['kind']:<4}  {provider}  {_line(said)}")


def _echo(name: str, value: str | None) -> None:
    if value:
        click.echo(f"{name.replace('_', ' ')}: {_line(str(value))}")


@emission_group.command("retry")
@account_option
@click.argument("document_ids", type=click.UUID, nargs=-1)
@click.option("--reason", type=click.Choice(list(BlockedReason)), help="Try all that are blocked for this reason.")
def retry(account_id: UUID, document_ids: tuple[UUID, ...], reason: str | None) -> None:
    """Try blocked documents of an account again. The worker looks for each first, and sends what isn't there."""
    if not document_ids and not reason:
        raise click.UsageError("Name documents by their ids, or a --reason.")
    settings = read_settings()

    async def work() -> list[str]:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                found = await listing.find_blocked(account_id, reason) if reason else []
                return [await _retry(id) for id in (*document_ids, *found)]

    refused = [line for line in run(work()) if line]
    if refused:
        raise click.ClickException("\n".join(refused))


async def _retry(document_id: UUID) -> str:
    """Why the document isn't tried again; nothing if it is."""
    try:
        await corrections.retry(str(document_id), None)
    except Refusal as refusal:
        return f"{document_id}: {' '.join(map(in_english, refusal.faults))}"
    click.echo(f"{document_id}  CHECKING")
    return ""


@emission_group.command("reconcile")
@account_option
@click.option("--accept-folios", is_flag=True, help="What differs in the count of folios is known: begin anew.")
def reconcile(account_id: UUID, accept_folios: bool) -> None:
    """Compare an account with its provider now, as each night: folios, documents of the last 8 days, numbers.

    Of the documents it looks at up to RECONCILIATION_SAMPLE that are authorised, and have been for longer than
    EMISSION_SETTLE: a provider may not show a later one yet.
    """
    settings = read_settings()
    start_logging(settings)

    async def work() -> tuple[Looks, list[dict[str, Any]]]:
        async with connected(settings) as where, own_sandbox(settings, embedded=where.is_embedded) as sandbox:
            with tenant.acting_for(account_id):
                await known_account()
                if accept_folios:
                    await reconciliation.forget_base()
                async with open_reconciling(settings, sandbox) as reconcile_account:
                    looks = await reconcile_account(account_id)
                    if looks is None:
                        raise click.ClickException("The provider gave no usable answer: see `server.py pac test`.")
                return looks, await listing.list_differences(account_id, _MOST)

    try:
        looks, differences = run(work())
    except Undecryptable as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"authorised documents looked at: {looks.answered} of {looks.chosen}; void at the provider: {looks.void}"
    )
    for row in differences:
        click.echo(_describe_difference(row))
    if not differences:
        click.echo("no differences")
