"""An issued document on its way to the DGI: queue, attempts, states (docs/emission.md tells it to operators).

===============  ==============================================================================
``states``       the table: state and event give the next state and its effects
``events``       what an outcome of ``pac.emission`` is to the table, by what is known of the document
``progress``     the row of a document, and what it becomes by an event
``ownership``    whether a document that the provider has is ours
``queue``        queueing a document when it is issued
``store``        finding, claiming and settling rows, each in one statement
``rows``         between rows and what the rules know of them
``requests``     what people ask for: void, retry, correct, renumber
``ports``        what emission is given: providers, documents, the time
``connect``      an account's provider, with its credentials
``acts``         the acts of a claim: send, look, void
``files``        the rows of the authorised XML and the provider's PDF
``fetching``     fetching these
``reconciling``  compares an account with its provider, with ``reconciliation`` (rows), ``folios`` and ``differences``
``worker``       does what is due, with ``clock`` and ``alarms``
===============  ==============================================================================

Everything is committed before it is done and after it is done, so that a crash at any moment leaves a row that says
what may have happened. A document is looked for before it is sent again, with the same bytes under the same number.
"""
