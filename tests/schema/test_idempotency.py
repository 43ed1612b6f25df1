"""An idempotency key goes with all arguments of its mutation, those that are added later included."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from resolvers.transactions import IdempotentRequest
from schema import schema
from tests.builders import Input, taxpayer, try_customer, try_invoice
from tests.conftest import Api

Path = tuple[str, ...]

MUTATION = schema._schema.mutation_type
assert MUTATION is not None
MUTATIONS: dict[str, GraphQLField] = {
    name: field for name, field in MUTATION.fields.items() if "idempotencyKey" in field.args
}

# Two values for each scalar.
VALUES: dict[str, tuple[Any, Any]] = {
    "Boolean": (True, False),
    "Date": ("2026-03-01", "2026-03-02"),
    "Decimal": ("1.00", "2.00"),
    "ID": ("01a20b70-54d9-72ac-92c1-719dbc762067", "01a20b70-54d9-72ac-92c1-719dbc762068"),
    "Int": (1, 2),
    "String": ("uno", "dos"),
}
# A dry run stores nothing, and so has no request.
LEFT_OUT = ("idempotencyKey", "dryRun")


def leaves(type_: GraphQLInputType, path: Path = ()) -> Iterator[Path]:
    """The paths of all values of a type; a list has one entry."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from leaves(field.type, (*path, name))
    else:
        yield path


def value(type_: GraphQLInputType, changed: Path | None) -> Any:
    """A value of the type with all its fields, the one at the path ``changed`` being another than usual."""
    nullable = get_nullable_type(type_)
    if is_list_type(nullable):
        return [value(nullable.of_type, changed)]
    if isinstance(nullable, GraphQLInputObjectType):
        return {
            name: value(field.type, changed[1:] if changed and changed[0] == name else None)
            for name, field in nullable.fields.items()
        }
    if isinstance(nullable, GraphQLEnumType):
        return list(nullable.values)[changed is not None]
    return VALUES[get_named_type(type_).name][changed is not None]


def arguments(name: str) -> dict[str, GraphQLArgument]:
    return {name: argument for name, argument in MUTATIONS[name].args.items() if name not in LEFT_OUT}


CHANGES = [
    pytest.param(name, path, id=f"{name}-{'.'.join(path)}")
    for name in MUTATIONS
    for argument, definition in arguments(name).items()
    for path in leaves(definition.type, (argument,))
]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes of the requests that are made."""
    found: list[bytes] = []
    monkeypatch.setattr(IdempotentRequest, "__post_init__", lambda request: found.append(request.hash()))
    return found


async def send(api: Api, name: str, changed: Path | None = None) -> None:
    definitions = MUTATIONS[name].args
    values: Input = {
        argument: value(definition.type, changed[1:] if changed and changed[0] == argument else None)
        if argument != "idempotencyKey"
        else "key"
        for argument, definition in definitions.items()
        if argument != "dryRun"
    }
    declared = ", ".join(f"${argument}: {definitions[argument].type}" for argument in values)
    passed = ", ".join(f"{argument}: ${argument}" for argument in values)
    await api.execute(f"mutation ({declared}) {{ {name}({passed}) {{ userErrors {{ code }} }} }}", **values)


def test_there_are_such_mutations() -> None:
    assert {"createCustomer", "createInvoice"} <= MUTATIONS.keys()
    assert len(CHANGES) > 40


@pytest.mark.parametrize("name", MUTATIONS)
async def test_the_same_arguments_make_the_same_request(api: Api, hashes: list[bytes], name: str) -> None:
    await send(api, name)
    await send(api, name)
    assert len(hashes) == 2
    assert len(set(hashes)) == 1


@pytest.mark.parametrize(("name", "changed"), CHANGES)
async def test_each_argument_tells_requests_apart(api: Api, hashes: list[bytes], name: str, changed: Path) -> None:
    await send(api, name)
    await send(api, name, changed)
    assert len(set(hashes)) == 2, f"{'.'.join(changed)} doesn't count"


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_dry_run_makes_no_request(api: Api, hashes: list[bytes], name: str) -> None:
    values = {argument: value(definition.type, None) for argument, definition in arguments(name).items()}
    declared = ", ".join(f"${argument}: {MUTATIONS[name].args[argument].type}" for argument in values)
    passed = ", ".join(f"{argument}: ${argument}" for argument in values)
    document = (
        f'mutation ({declared}) {{ {name}({passed}, dryRun: true, idempotencyKey: "k") {{ userErrors {{ code }} }} }}'
    )
    await api.execute(document, **values)
    assert hashes == []


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "idempotencyKey must have 1 to 255 characters."),
        ("k" * 300, "idempotencyKey must have 1 to 255 characters."),
        ("a\0", "idempotencyKey can't contain the character U+0000."),
        ("a\ud800", "idempotencyKey can't contain the character U+D800."),
    ],
)
async def test_a_malformed_key_is_refused_in_a_dry_run_too(api: Api, dry_run: bool, key: str, message: str) -> None:
    for response in (
        await try_customer(api, taxpayer(), dryRun=dry_run, idempotencyKey=key),
        await try_invoice(api, newCustomer=taxpayer(), dryRun=dry_run, idempotencyKey=key),
    ):
        (error,) = response["errors"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
