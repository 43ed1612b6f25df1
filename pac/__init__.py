"""Talking to a PAC, the provider between a business and the DGI.

==================  =====================================================================
``providers``       which providers there are, their addresses, and our credentials with them
``soap``            calling a method of a SOAP service
``rest``            calling a REST service, with a token that is fetched first
``http``            one bounded HTTP request
``client``          calling a provider within a time: limits, retries, breaker, alarms
``failures``        why there is no answer
``emission``        the port: what emission asks of a provider, and what its answers mean
``adapters``        the adapter that speaks a provider's contract, for one account
``hka``             emission in the contract of The Factory HKA and EBI
``authorized_xml``  reading the XML of an authorised document
``sandbox``         a server that plays a provider, with many ways to fail
==================  =====================================================================

What is asked and what an answer means for our documents and customers is the caller's work: see ``lookup``.
"""
