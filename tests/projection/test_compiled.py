"""A compiled operation answers what graphql-core answers, errors included, or leaves the answer to graphql-core."""

# mypy: disable-error-code="untyped-decorator"

import asyncio
import gc
import random
import weakref
from typing import Any

import orjson
import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strawberry.permission import BasePermission

from projection import AnswerTooLarge, ByIds, Executor, Many, One, Page
from projection.compiled import CompiledOperation
from tests.projection import toys
from tests.projection.conftest import Api, compiled, decoded
from tests.projection.toys import AuthorRow, BookConnection, BookRow, CityRow


class IsNamed(BasePermission):
    message = "not for you"
    error_extensions = {"code": "FORBIDDEN"}

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return bool(info.context == arguments["name"])


@strawberry.input
class Choice:
    genre: toys.Genre | None = None
    titles: list[str] | None = None


@strawberry.type
class Query:
    """Fields that may and may not be null, each of which may refuse or fail."""

    @strawberry.field(graphql_type=toys.Author | None)
    def author(self, id: strawberry.ID) -> One:
        return One(AuthorRow.filter(id=toys.uuid_of(id)) if id else AuthorRow.all())  # several: not unique

    @strawberry.field(graphql_type=toys.Author)
    def some_author(self, id: strawberry.ID) -> One:
        return One(AuthorRow.filter(id=toys.uuid_of(id)))

    @strawberry.field(graphql_type=list[toys.Book])
    def chosen(self, choice: Choice) -> Many:
        rows = BookRow.filter(genre=choice.genre) if choice.genre else BookRow.all()
        return Many((rows.filter(title__in=choice.titles) if choice.titles is not None else rows).order_by("id"))

    @strawberry.field(graphql_type=BookConnection | None)
    def books(self, first: int = 3) -> Page:
        if first < 0:
            raise ValueError(f"too few: {first}")
        return toys.page(BookRow.all(), "title", False, first, None, None, None)

    @strawberry.field(graphql_type=list[toys.City] | None, permission_classes=[IsNamed])
    def cities(self, name: str) -> Many:
        return Many(CityRow.all())

    @strawberry.field(graphql_type=list[toys.Node | None])
    def nodes(self, info: strawberry.Info[Any, Any], ids: list[strawberry.ID]) -> ByIds:
        models = (AuthorRow,) if info.context == "authors" else (AuthorRow, BookRow)
        return ByIds([toys.uuid_of(id) for id in ids], {model: model.all() for model in models})

    @strawberry.field
    def plain(self) -> str:
        return "not read from a table"


@strawberry.type
class Named:
    name: str
    cities: Many = strawberry.field(graphql_type=list[toys.City])


@strawberry.type
class Mutation:
    @strawberry.field
    async def name(self, name: str) -> Named:
        if not name:
            raise ValueError("no name")
        return Named(name=name, cities=Many(CityRow.all()))


schema = strawberry.Schema(
    Query, Mutation, types=[toys.Book], execution_context_class=Executor, config=toys.schema.config
)

DOCUMENT = """
    query (
        $id: ID!, $genre: Genre, $titles: [String!], $choice: Choice = {genre: null}, $first: Int = 2,
        $name: String = "a", $ids: [ID!]! = [], $skip: Boolean = false, $all: Boolean! = true
    ) {
        __typename
        author(id: $id) @skip(if: $skip) { name books(first: $first) { totalCount } }
        again: author(id: "") @include(if: $all) { name }
        ... Others @include(if: $all)
        chosen(choice: $choice) { title }
        both: chosen(choice: {genre: $genre, titles: $titles}) { title }
        some: someAuthor(id: $id) @skip(if: $skip) { id }
    }
    fragment Others on Query {
        books(first: $first) { edges { node { title } } }
        cities(name: $name) { name }
        nodes(ids: $ids) { id __typename }
    }
"""


@pytest.fixture(autouse=True)
async def _rows(api: Api) -> None:
    await api.fill(6)


def encode(result: ExecutionResult) -> bytes:
    errors = [error.formatted for error in result.errors or ()]
    return orjson.dumps({"data": decoded(result.data), "errors": sorted(errors, key=str)})


async def ordinarily(document: str, variables: dict[str, Any], context: Any = None) -> ExecutionResult:
    result = execute(
        schema._schema,
        parse(document),
        executor_class=Executor,
        variable_values=variables,
        context_value=context,
        hide_suggestions=True,
    )
    return result if isinstance(result, ExecutionResult) else await result


def values(dice: random.Random, ids: list[str]) -> dict[str, Any]:
    """Variables that mostly fit, each with strange ones among its values."""
    strange = [None, "", 7, 1.5, True, [], {}, ["x"], "x", {"genre": 1}, {"other": None}]
    usual: dict[str, list[Any]] = {
        "id": [*ids, ""],
        "genre": [*[genre.name for genre in toys.Genre], None],
        "titles": [[], ["a", "b"], "a", None],
        "choice": [{}, {"titles": ["a"]}, {"genre": None, "titles": None}, {"titles": "b"}],
        "first": [1, 3, -1, 2**31],
        "name": ["a", "b"],
        "ids": [[], ids[:3], ids[0]],
        "skip": [True, False],
        "all": [True, False],
    }
    chosen = {name: dice.choice(strange if dice.random() < 0.04 else few) for name, few in usual.items()}
    return {name: value for name, value in chosen.items() if dice.random() < 0.8}


@pytest.fixture
def operation() -> CompiledOperation:
    """The document's, for all examples of a test: they share its texts, and have values of their own."""
    return compiled(schema, DOCUMENT)


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.randoms(use_true_random=False), st.sampled_from(["a", "authors"]))
async def test_errors_and_nulls_are_those_of_ordinary_execution(
    api: Api, operation: CompiledOperation, dice: random.Random, context: str
) -> None:
    variables = values(dice, api.data.ids())
    expected = await ordinarily(DOCUMENT, variables, context)
    result = await operation.execute(variables, context)
    if result is None:
        assert expected.data is None, variables  # only what is refused as a whole is left to graphql-core
        assert all(error.path is None for error in expected.errors or ())
    elif expected.data is None or result.data is None:
        # Which of several errors is first to make the whole answer null depends on PostgreSQL's pace.
        assert expected.data is result.data is None
    else:
        assert encode(result) == encode(expected), variables


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ('{ author(id: "") { name } }', {}),
        ('{ someAuthor(id: "x") { name } }', {}),
        ("{ books(first: -2) { totalCount } again: books { totalCount } }", {}),
        ('{ cities(name: "b") { name } __typename }', {}),
        ("query ($first: Int) { books(first: $first) { totalCount } }", {"first": None}),
        ('query ($first: Int!) { author(id: "") { books(first: $first) { totalCount } } }', {"first": 2}),
        ('query ($id: ID = "") { someAuthor(id: $id) { name } }', {"id": None}),
        ("query ($first: Int = -1) { books(first: $first) { edges { cursor } } }", {}),
    ],
)
async def test_a_refusal_is_that_of_ordinary_execution(api: Api, document: str, variables: dict[str, Any]) -> None:
    expected = await ordinarily(document, variables)
    assert expected.errors
    result = await compiled(schema, document).execute(variables, None)
    assert result is not None
    assert encode(result) == encode(expected)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($id: ID!) { author(id: $id) { name } }", {}),
        ("query ($first: Int) { books(first: $first) { totalCount } }", {"first": "many"}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [None]}),
        ("query ($skip: Boolean = false) { __typename @skip(if: $skip) }", {"skip": None}),
        ("mutation ($name: String!) { name(name: $name) }", {"name": 1}),
    ],
)
async def test_variables_that_do_not_fit_are_left_to_graphql_core(
    api: Api, document: str, variables: dict[str, Any]
) -> None:
    api.statements.clear()
    assert await compiled(schema, document).execute(variables, None) is None
    assert api.statements == []


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ __schema { queryType { name } } }", {}),
        ('query ($skip: Boolean!) { plain cities(name: "a") { name @skip(if: $skip) code } }', {"skip": True}),
        (
            "mutation ($a: String!) { a: name(name: $a) { name cities { name } } b: name(name: $a) { name } }",
            {"a": "x"},
        ),
        ('mutation { a: name(name: "") { name } b: name(name: "b") { cities { code } } }', {}),
    ],
)
async def test_other_fields_are_executed_by_graphql_core_again_and_again(
    api: Api, document: str, variables: dict[str, Any]
) -> None:
    expected = await ordinarily(document, variables)
    operation = compiled(schema, document)
    sizes = set()
    for _ in range(3):
        result = await operation.execute(variables, None)
        assert result is not None
        assert encode(result) == encode(expected)
        [shape] = operation._shapes.values()
        assert shape is not None
        sizes.add(len(shape._executor._relevant_sub_fields))
    assert len(sizes) == 1  # what graphql-core remembers of the document doesn't grow


async def test_an_answer_that_is_too_large_is_an_error(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "largest_answer", 10)
    result = await compiled(schema, '{ nodes(ids: ["x", "y"]) { id } }').execute({}, None)
    assert result is not None
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, AnswerTooLarge)


async def test_an_operation_is_compiled_once_for_each_of_its_latest_shapes(api: Api) -> None:
    names = "abcd"
    declared = " ".join(f"${name}: Boolean!" for name in names)
    selected = " ".join(f"{name}: totalCount @skip(if: ${name})" for name in names)
    operation = compiled(schema, f"query ({declared}, $n: Int) {{ books(first: $n) {{ {selected} }} }}")
    for number in range(3):
        await operation.execute({**dict.fromkeys(names, False), "n": number}, None)
    assert len(operation._shapes) == 1
    for shape in range(16):
        await operation.execute({name: bool(shape & 1 << bit) for bit, name in enumerate(names)}, None)
    assert len(operation._shapes) == operation.shape_count == 4


async def test_what_is_compiled_keeps_nothing_of_its_request(api: Api) -> None:
    class Context:
        pass

    context = Context()
    gone = weakref.ref(context)
    operation = compiled(schema, "query ($id: ID!) { author(id: $id) { name } nodes(ids: [$id]) { id } }")
    secret = "".join(["very", "secret"])
    await operation.execute({"id": secret}, context)
    del context
    gc.collect()
    assert gone() is None
    [query] = operation._shapes.values()
    assert query is not None
    assert query._executor.variable_values.coerced == {}


async def test_requests_at_the_same_time_have_their_own_variables_and_errors(api: Api) -> None:
    operation = compiled(schema, "query ($id: ID!) { someAuthor(id: $id) { id } }")
    ids = [str(author.id) for author in api.data.authors] + ["x"]
    results = await asyncio.gather(*[operation.execute({"id": id}, None) for id in ids])
    for id, result in zip(ids, results, strict=True):
        assert result is not None
        if id == "x":
            assert result.data is None
            assert len(result.errors or ()) == 1
        else:
            assert decoded(result.data) == {"someAuthor": {"id": id}}
