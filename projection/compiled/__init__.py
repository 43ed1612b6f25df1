"""Executing an operation without graphql-core's way through the document, which is the same each time.

graphql-core parses and validates a document. What its execution finds out of the document is found out once: how the
variables are coerced, which root fields there are, and how a query's resolvers are called and their rows read. Other
fields graphql-core executes. Variables that don't fit it refuses, too, so that such messages come from one place.
"""

from projection.compiled.inputs import compile_inputs
from projection.compiled.operation import CompiledOperation

__all__ = ["CompiledOperation", "compile_inputs"]
