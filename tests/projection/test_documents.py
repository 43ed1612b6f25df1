"""Documents with one difficulty each, compared with the oracle's answer."""

import base64
import itertools

import pytest
from tortoise.connection import get_connection

from tests.projection.conftest import Api
from tests.projection.oracle import Data


@pytest.fixture(autouse=True)
async def library(api: Api) -> Data:
    data = await api.fill(seed=6)
    assert len(data.books) > 5
    assert len(data.authors) > 2
    return data


@pytest.mark.parametrize("number", [1, 49, 50, 51, 99, 100, 101, 250])
async def test_any_number_of_fields(api: Api, number: int) -> None:
    fields = " ".join([f"f{n}: {['name', 'email', 'balance'][n % 3]}" for n in range(number)])
    await api.same(f"{{ authors {{ edges {{ node {{ {fields} }} }} }} }}")


async def test_nothing_selected_after_all(api: Api) -> None:
    answer = await api.same("""
        query ($no: Boolean = false) {
            cities { ... @include(if: $no) { code } residents { name @skip(if: true) } }
            books { edges @include(if: $no) { cursor } }
            authors { edges { node { home { street @include(if: $no) } } } pageInfo { endCursor @include(if: $no) } }
        }
    """)
    assert answer["books"] == {}


async def test_response_keys_are_nothing_but_keys(api: Api) -> None:
    long = "x" * 80
    await api.same(f"""
        {{
            cities {{
                {long}a: name {long}b: code
                a__b: name a_b: code a: name b: code
                select: name from: name null: name true: name _0: name _1: name q: name t: name i: name n: name
                json_build_object: name row: name __a: name DROP: name
            }}
        }}
    """)


async def test_fragments_are_merged(api: Api, library: Data) -> None:
    ids = [str(library.books[0].id), "nobody", str(library.authors[0].id)]
    document = """
        query ($ids: [ID!]!) {
            nodes(ids: $ids) {
                ...Named
                ... on Node { id }
                ... on Titled { other: title }
                ... on Book { key: title }
                ... on Book { author { name } ...Book ... on Titled { title } ... on Node { ... on Author { email } } }
                ... on Book { author { ...Named email works { title } } }
                ... on Author { key: braces }
                ... on Review { key: body }
                __typename
            }
        }
        fragment Named on Node { ... on Author { name mentor { name } } id __typename }
        fragment Book on Book { author { works { id } ...Named ... on Node { key: id } } }
    """
    answer = await api.same(document, ids=ids)
    assert [node and node["__typename"] for node in answer["nodes"]] == ["Book", None, "Author"]
    assert list(answer["nodes"][0]["author"]) == ["name", "works", "mentor", "id", "__typename", "key", "email"]


async def test_skip_and_include(api: Api) -> None:
    document = """
        query ($a: Boolean!, $b: Boolean = true, $c: Boolean! = false) {
            authors @skip(if: $c) {
                totalCount @include(if: $a)
                ...F @skip(if: $a)
                edges {
                    ... @include(if: $b) @skip(if: $c) { node { name ...G @include(if: $a) } }
                    cursor @skip(if: $b)
                }
            }
        }
        fragment F on AuthorConnection { pageInfo { endCursor @include(if: $b) hasNextPage } }
        fragment G on Author { email ... on Author @include(if: $b) { balance } books { totalCount @skip(if: $c) } }
    """
    for a, b, c in itertools.product([True, False], repeat=3):
        await api.same(document, a=a, b=b, c=c)
    await api.same(document, a=True)
    await api.same(document, a=False)


async def test_connections_of_one_name_with_different_arguments(api: Api) -> None:
    await api.same(
        """
        query ($n: Int, $genre: Genre, $descending: Boolean! = true) {
            authors {
                again: edges { node { name } }
                edges {
                    at: cursor
                    node {
                        some: books(first: $n) { ...Books }
                        all: books(genre: $genre, order: PAGES, descending: $descending) { ...Books }
                        last: books(last: $n) { ...Books }
                        books(order: ADDED) { edges { node { title } } again: edges { cursor } }
                    }
                }
                pageInfo { endCursor }
                other: pageInfo { startCursor hasNextPage hasPreviousPage }
            }
        }
        fragment Books on BookConnection {
            count: totalCount totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            edges { node { title pages added } }
        }
        """,
        n=1,
        genre="NOVEL",
    )


async def test_connections_in_connections(api: Api) -> None:
    await api.same("""
        {
            authors(first: 3) {
                totalCount
                edges { node { name books(last: 2) {
                    totalCount
                    edges { cursor node { title author { name books(first: 1, descending: true) {
                        totalCount
                        pageInfo { hasNextPage endCursor }
                        edges { node { title tagged { edges { node { label work { books: tagged {
                            totalCount edges { node { label } }
                        } } } } } } }
                    } } } }
                } } }
            }
        }
    """)


async def test_a_connection_under_an_object_by_its_id(api: Api, library: Data) -> None:
    await api.same(
        "query ($id: ID!) { node(id: $id) { ... on Author { books(first: 1) { edges { node { title } } } } } }",
        id=str(library.books[0].author_id),  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize("order", ["TITLE", "PAGES", "PUBLISHED", "ADDED"])
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_are_cut_out_exactly(api: Api, library: Data, order: str, descending: bool) -> None:
    document = """
        query ($order: BookOrder!, $descending: Boolean!, $f: Int, $l: Int, $after: Cursor, $before: Cursor) {
            books(order: $order, descending: $descending, first: $f, last: $l, after: $after, before: $before) {
                edges { node { id } cursor }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
        }
    """
    everything = await api.same(document.replace("$f: Int", "$f: Int = 3"), order=order, descending=descending)
    cursors = [edge["cursor"] for edge in everything["books"]["edges"]]
    while everything["books"]["pageInfo"]["hasNextPage"]:
        everything = await api.same(document, order=order, descending=descending, f=3, after=cursors[-1])
        cursors += [edge["cursor"] for edge in everything["books"]["edges"]]
    assert len(cursors) == len(library.books)
    places = [None, cursors[0], cursors[2], cursors[3], cursors[-1]]
    for after, before in itertools.product(places, places):
        for size in ({"f": 1}, {"l": 1}, {}):
            await api.same(document, order=order, descending=descending, after=after, before=before, **size)


async def test_a_cursor_may_be_of_a_row_that_can_not_be(api: Api) -> None:
    text = f'["pages", false, "{2**40}", "00000000-0000-0000-0000-000000000000"]'
    cursor = base64.b64encode(text.encode()).decode()
    document = "query ($after: Cursor, $before: Cursor) { books(order: PAGES, after: $after, before: $before) { %s } }"
    document %= "edges { cursor } pageInfo { hasPreviousPage }"
    assert (await api.same(document, after=cursor))["books"]["pageInfo"]["hasPreviousPage"]
    assert (await api.same(document, before=cursor))["books"]["edges"]


@pytest.mark.parametrize("selection", ["endCursor", "startCursor", "startCursor endCursor hasNextPage"])
@pytest.mark.parametrize("size", ["first: 3", "last: 3"])
async def test_edges_keep_their_order_beside_aggregates_in_another(api: Api, selection: str, size: str) -> None:
    await api.same(f"{{ books({size}) {{ edges {{ node {{ title }} }} pageInfo {{ {selection} }} }} }}")


@pytest.mark.parametrize(
    "field", ["totalCount", "__typename", "pageInfo { hasPreviousPage }", "pageInfo { __typename }"]
)
async def test_a_page_of_which_nothing_is_aggregated(api: Api, field: str) -> None:
    await api.same(f"{{ books {{ {field} }} authors {{ edges {{ node {{ books {{ {field} }} }} }} }} }}")


async def test_a_summary_is_of_the_whole_list(api: Api) -> None:
    document = """
        query ($none: Boolean!) {
            all: books(first: 1) { shelf { howMany thickest __typename } edges { cursor } totalCount }
            some: books(first: 2) { other: shelf @skip(if: $none) { thickest } pageInfo { endCursor } }
            authors { edges { node { books(genre: ESSAY, first: 1) { shelf { howMany } edges { node { title } } } } } }
        }
    """
    for none in (True, False):
        answer = await api.same(document, none=none)
        assert answer["all"]["shelf"][0]["howMany"] == answer["all"]["totalCount"] > 1


async def test_empty_lists_are_no_nulls(api: Api) -> None:
    await get_connection("default").execute_script("TRUNCATE book CASCADE")
    api.data = await Data.load()
    answer = await api.same("""
        {
            allBooks { title } nodes(ids: []) { id }
            books { edges { cursor } totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } }
            shelves: books { shelf { howMany thickest } }
            authors { edges { node { works { title } books { edges { cursor } totalCount pageInfo { endCursor } } } } }
        }
    """)
    assert answer["allBooks"] == answer["nodes"] == answer["books"]["edges"] == []


async def test_values_are_bound(api: Api, library: Data) -> None:
    evil = "'; DROP TABLE book; --"
    await api.same(
        "query ($id: ID!, $after: Cursor) { node(id: $id) { id } books(after: $after) { totalCount } }",
        id=evil,
        after=evil,
    )
    document = """
        query ($genre: Genre, $n: Int, $after: Cursor, $ids: [ID!]!) {
            nodes(ids: $ids) { id }
            books(first: $n, after: $after) { edges { node { author { books(genre: $genre) { totalCount } } } } }
        }
    """
    texts = []
    for size in (1, 2):
        cursor = library.cursors()[size]
        ids = [str(row.id) for row in library.books[:size]]
        await api.same(document, genre="ESSAY", n=size, after=cursor, ids=ids)
        texts.append([text for text, _ in api.statements])
        assert not any("ESSAY" in text or ids[0] in text for text in texts[-1])
    assert texts[0] == texts[1], "a statement would be prepared anew"


async def test_deep_selections(api: Api) -> None:
    depth = 80
    await api.same("{ authors { edges { node { name " + "mentor { name " * depth + "}" * depth + "}}}}")


async def test_the_whole_schema_at_once(api: Api) -> None:
    await api.same("""
        query {
            __typename
            cities { __typename code name residents { name } }
            authors(byJoining: true) {
                __typename edges { __typename node { __typename ...Author } } pageInfo { __typename }
            }
            allBooks {
                author { name } authorId published price weight pages genre binding extra words added title id
                tags { label work { title } }
                reviews { stars body printed book { title } id } starCounts { stars howMany __typename }
                tagged { edges { node { label } } }
            }
        }
        fragment Author on Author {
            id name email mentor { name } students { name } mood joined born balance
            home { street number city { name } phone { prefix number __typename } }
            works { title } bookCount braces
        }
    """)
