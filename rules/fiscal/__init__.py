"""Panama's rules of the electronic invoice: pure, like everything in ``rules``.

============  ==========================================================================
``document``  a fiscal document as it is sent, without a word of any provider's contract
``cufe``      the CUFE: what of it is known beforehand, its check digit and its parts
``codes``     the DGI's validation codes, and which field of our input each is about
``windows``   until when a document may be sent and voided
``amounts``   instalments, and what a buyer withholds
``spelling``  places, phones and addresses as the DGI takes them
============  ==========================================================================
"""
