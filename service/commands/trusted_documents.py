"""trusted-documents: GraphQL documents that clients send by their hash."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import click
from graphql import OperationDefinitionNode, parse

from db import models
from service.commands.base import run
from service.database import as_owner
from service.settings import operation_limits, read_settings
from transport import trusted_documents
from transport.limits import Limits
from transport.operations import find_faults

_WRONG_SHAPE: Final = "The file must hold one JSON object of hashes and the texts of documents."


@click.group("trusted-documents")
def trusted_documents_group() -> None:
    """Trusted documents, which clients send by their hash. They hold for all accounts."""


@trusted_documents_group.command("add")
@click.argument("file", type=click.File("rb"))
def add_documents(file: BinaryIO) -> None:
    """Add the documents of a manifest: a JSON object of SHA-256 hashes and texts.

    Relay's compiler (with algorithm SHA256) and graphql-codegen's client preset (with hashAlgorithm sha256) write
    such files. All are added, or none if one is wrong. Running servers accept them at once.
    """
    settings = read_settings()
    manifest = read_manifest(file.read())
    limits = operation_limits(settings)
    if faults := list(faults_in(manifest, limits)):
        raise click.ClickException("\n".join(faults))
    texts = {id.removeprefix(trusted_documents.PREFIX): text for id, text in manifest.items()}

    async def work() -> int:
        async with as_owner(settings):
            return await trusted_documents.add_documents(texts)

    added = run(work())
    click.echo(f"documents added: {added}; there already: {len(texts) - added}")


@trusted_documents_group.command("list")
def list_documents() -> None:
    """List the documents, the oldest first."""
    settings = read_settings()

    async def work() -> Sequence[models.TrustedDocument]:
        async with as_owner(settings):
            return await trusted_documents.list_documents()

    for document in run(work()):
        click.echo(f"{trusted_documents.PREFIX}{document.hash}  added {document.added_at:%F %R}  {name(document.text)}")


@trusted_documents_group.command("remove")
@click.argument("ids", nargs=-1, required=True)
def remove_documents(ids: tuple[str, ...]) -> None:
    """Remove documents by their ids. Running servers accept them for 5 more seconds."""
    settings = read_settings()

    async def work() -> int:
        async with as_owner(settings):
            return await trusted_documents.remove_documents(ids)

    click.echo(f"documents removed: {run(work())}")


def read_manifest(content: bytes) -> Any:
    """The JSON of a file; raises ``ClickException``, which says where it is wrong."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        raise click.ClickException(f"The file is not UTF-8 text: see {_place(before)}.") from error
    except json.JSONDecodeError as error:
        raise click.ClickException(f"The file is not JSON: see {_place(error.doc[: error.pos])}.") from error
    except (ValueError, RecursionError) as error:
        raise click.ClickException(_WRONG_SHAPE) from error  # numbers of many digits, and lists within lists


def _place(before: str) -> str:
    """Where a text ends, to point at what comes next."""
    *lines, last = before.split("\n")
    return f"line {len(lines) + 1}, column {len(last) + 1}"


def faults_in(manifest: Any, limits: Limits) -> Iterator[str]:
    """A sentence for each fault of a manifest and its documents."""
    if not isinstance(manifest, dict) or not all(isinstance(text, str) for text in manifest.values()):
        yield _WRONG_SHAPE
        return
    for id, text in manifest.items():
        if trusted_documents.hash_text(text) != id.removeprefix(trusted_documents.PREFIX):
            yield f"{id}: This is not the SHA-256 of its text, in hexadecimal."
        else:
            yield from (f"{id}: {fault}" for fault in find_faults(text, limits))


def name(text: str) -> str:
    """The names of a document's operations."""
    operations = [each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode)]
    return ", ".join(f"{each.operation.value} {each.name.value if each.name else ''}".strip() for each in operations)
