"""Electronic emission as The Factory HKA defines it; EBI and others speak the same contract.

==============  ============================================================================
``member``      what a member of a request is: its name, its format, and when it must be there
``conditions``  when a conditional member must be there
``members``     the one ordered table of the members of Enviar
``walk``        writing, reading and checking a request by that table
``request``     a fiscal document in these words
``receiver``    the customer in these words
``answer``      an answer, read as far as it can be, without our credentials
``faults``      the texts of codes 109 and 203, and their place in our input
``answers``     what the answers to each method mean
``adapter``     how a call is made once: what both adapters of ``pac.emission`` share
``soap``        the adapter over SOAP
``rest``        the adapter over REST
==============  ============================================================================
"""
