"""A server that plays a provider: look-ups of RUCs, and emission of documents that are plainly tests.

As at real providers, the DV comes with one digit where it begins with 0, the wrong taxpayer type is
"not registered", and errors come with status 200. It shares no name and no secret with any of them.

=================  =====================================================================
``command``        the command line
``server``         the routes, and running the server in this process or another
``state``          how it behaves, what it knows and what it has been asked
``storage``        issuers and documents, in a file or in memory
``control``        registering issuers, turning the knobs, seeing what was authorised
``page``           the page for people; ``page_texts`` has its words
``soap``           the SOAP contract: calls as they are read, answers as they are written
``rest``           the REST contract, with its tokens
``connection``     closing a connection before an answer is complete
=================  =====================================================================

Look-ups:

=================  =====================================================================
``lookup``         ConsultarRucDV, over SOAP and REST
``faults``         what can go wrong with a look-up, and the RUCs that make it go wrong
``contracts``      the bodies of answers
``taxpayers``      the registry
=================  =====================================================================

Emission:

=================  =====================================================================
``emission``       which method is called, and how its answer gets to the client
``call``           a call, whichever contract it came by
``knobs``          what can go wrong, and the receivers that make it go wrong
``access``         the tokens and the key of a call
``sending``        Enviar: the checks in their order
``members``        the provider's own check of members
``dgi``            the DGI's rules
``authorisation``  an authorised document: CUFE, protocol, QR
``container``      its XML
``pdf``            its PDF
``methods``        the other methods
``mails``          EnvioCorreo and RastreoCorreo
``group``          members as the rules read them
``reply``          an answer, and whether it arrives
=================  =====================================================================
"""
