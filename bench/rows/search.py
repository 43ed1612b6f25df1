"""Lists and searches of an account of a million customers, and of one of 2,000."""

from statistics import median

from bench import dataset
from bench.load import Served, Table, Target, istmo

LIST = "query List($first: Int!) { customers(first: $first) { edges { node { id name identification phone } } } }"
_SEARCH = """query Search($first: Int!, $search: String!) {
  customers(first: $first, search: $search) { edges { node { id name identification phone } } } }"""
_CURSORS = """query Page($first: Int!, $after: String) { customers(first: $first, after: $after) {
  edges { node { id name identification phone } } pageInfo { endCursor } } }"""
ACCOUNTS = (dataset.BIG_ACCOUNT, 1)
COMMON_WORD = "taller"  # one customer in ten has it, and all of them come last by name


def measure(table: Table, url: str) -> None:
    with istmo(url) as served:
        _common_word(table, served)
        lists = [served.graphql(LIST, {"first": 50}, account) for account in ACCOUNTS]
        _compare(table, "list of 50 customers by name", "≤ 2", lists)
        # A word from one customer's name that few others have.
        words = [next(dataset.customers(account, 1, ["8-8-7"]))[6].split()[1] for account in ACCOUNTS]
        searches = [_search(served, account, word) for account, word in zip(ACCOUNTS, words, strict=True)]
        _compare(table, "selective search", "≤ 2", searches)
        for what, word in (("two letters", "ho"), ("no hit", "zqzqzq")):
            _compare(table, what, "reported", [_search(served, account, word) for account in ACCOUNTS])
        _cursors(table, served)


def _common_word(table: Table, served: Served) -> None:
    searches = [_search(served, account, COMMON_WORD) for account in ACCOUNTS]
    big, small = (_latency(table, target) for target in searches)
    name = "common word among a million customers, all its hits last by name"
    table.add(name, f"{big:.0f} ms", "≤ 400 ms", f"{small:.1f} ms among 2,000")


def _search(served: Served, account: int, words: str) -> Target:
    return served.graphql(_SEARCH, {"first": 50, "search": words}, account)


def _latency(table: Table, target: Target) -> float:
    target.answer()
    return median(target.latency(20) for _ in range(table.rounds))


def _compare(table: Table, what: str, wanted: str, targets: list[Target]) -> None:
    big, small = (_latency(table, target) for target in targets)
    name = f"{what}: 1,000,000 customers against 2,000, time"
    table.add(name, f"{big / small:.2f} ×", wanted, f"{big:.2f} against {small:.2f} ms")


def _cursors(table: Table, served: Served) -> None:
    cursor = None
    for _ in range(999):
        page = served.graphql(_CURSORS, {"first": 50, "after": cursor}, dataset.BIG_ACCOUNT)
        cursor = page.answer()["data"]["customers"]["pageInfo"]["endCursor"]
    first = served.graphql(_CURSORS, {"first": 50, "after": None}, dataset.BIG_ACCOUNT)
    thousandth = served.graphql(_CURSORS, {"first": 50, "after": cursor}, dataset.BIG_ACCOUNT)
    name = "page 1,000 against page 1 by cursor, time"
    table.pair(name, "≤ 1.2 ×", lambda: thousandth.latency(100), lambda: first.latency(100), "ms")
