"""Talking to a PAC, the provider between a business and the DGI.

=============  ==========================================================================
``providers``  which providers there are, their addresses, and our credentials with them
``soap``       calling a method of a SOAP service
``rest``       calling a REST service, with a token that is fetched first
``http``       one bounded HTTP request
``client``     calling a provider within a time: limits, retries, breaker, alarms
``failures``   why there is no answer
``sandbox``    a server that plays a provider, with sixteen ways to fail
=============  ==========================================================================

What is asked and what an answer means is the caller's work: see ``lookup``.
"""
