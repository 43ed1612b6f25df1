"""Looking a RUC up: who holds it, according to the DGI's registry, reached through a PAC.

===============  ==========================================================================
``service``      ``Consultar``, the look-up of one process, and its results
``answers``      the question, the four outcomes, and the protocol of an adapter
``hka``          the adapters for ConsultarRucDV, over ``pac.soap`` and ``pac.rest``
``providers``    asking the providers one after another, within one time
``calls``        sharing a call between those of an account who ask the same
``cache``        answers in PostgreSQL, each for the account that asked
``daily_limit``  how many questions an account may ask in a day
===============  ==========================================================================
"""
