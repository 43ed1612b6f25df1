"""Executing a query's root fields without graphql-core's way through the document, which is the same each time.

graphql-core parses and validates a document. It executes the first request with it, too, but for that the answer is
taken from here. What this can't do, or would have to refuse, it leaves to graphql-core, so that there is one place
from which such answers and their messages come.
"""

from projection.compiled.inputs import compile_inputs
from projection.compiled.operation import CompiledOperation

__all__ = ["CompiledOperation", "compile_inputs"]
