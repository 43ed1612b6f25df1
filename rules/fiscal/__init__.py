"""Panama's rules of the electronic invoice: pure, like everything in ``rules``.

===============  ==========================================================================
``document``     a fiscal document as it is sent, without a word of any provider's contract
``catalogues``   units of measure, classes of goods and services
``payments``     how it was agreed to pay: forms and instalments
``withholding``  the ITBMS that a buyer keeps back
``exports``      what an export must have besides
``electronic``   what an electronic document must have besides, and what the DGI remarks on
``cufe``         the CUFE: what of it is known beforehand, its check digit and its parts
``codes``        the DGI's validation codes, and which field of our input each is about
``windows``      until when a document may be sent and voided
``spelling``     places, phones and texts as the DGI takes them
===============  ==========================================================================
"""
