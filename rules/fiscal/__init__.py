"""Panama's rules of the electronic invoice: pure, like everything in ``rules``.

============  ==========================================================================
``document``  a fiscal document as it is sent, without a word of any provider's contract
============  ==========================================================================
"""
