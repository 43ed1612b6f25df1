"""A server that plays a provider: the contracts of ConsultarRucDV, SOAP and REST, over a small registry.

As at real providers the DV comes with one digit where it begins with 0, the wrong taxpayer type is
"not registered", and errors come with status 200.

=============  =====================================================================
``server``     the routes, the command line, and running it within a process
``faults``     what can go wrong with a call, and the RUCs that make it go wrong
``contracts``  the bodies of answers
``taxpayers``  the registry
=============  =====================================================================
"""
