from importlib.metadata import packages_distributions

OURS = {
    *("schema", "resolvers", "projection", "lookup", "pac", "documents", "announcements", "transport"),
    *("db", "rules", "service", "server", "tests", "bench"),
}


def test_no_dependency_brings_a_module_of_our_name() -> None:
    """One of the two would hide the other."""
    assert OURS & packages_distributions().keys() == set()
