"""An issued document on its way to the DGI: queue, attempts, states (docs/emission.md tells it to operators).

=============  ================================================================================
``states``     the table: state and event give the next state and its effects
``events``     what an outcome of ``pac.emission`` is to the table, by what is known of the document
``progress``   the row of a document, and what it becomes by an event
``ownership``  whether a document that the provider has is ours
``store``      queueing, claiming and settling rows, each in one statement
``requests``   what people ask for: void, retry, correct, renumber
``files``      the authorised XML and the provider's PDF
``worker``     does what is due
=============  ================================================================================

Everything is committed before it is done and after it is done, so that a crash at any moment leaves a row that says
what may have happened. A document is looked for before it is sent again, with the same bytes under the same number.
"""
