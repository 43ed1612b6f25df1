"""Panama's rules of the electronic invoice: pure, like everything in ``rules``.

===============  =======================================================================
``document``     a fiscal document as it is sent, without a word of any provider's contract
``catalogues``   units of measure, classes of goods and services
``payments``     how it was agreed to pay: forms and instalments
``withholding``  the ITBMS that a buyer keeps back
``electronic``   what an electronic document must have besides, and what the DGI remarks on
===============  =======================================================================
"""
