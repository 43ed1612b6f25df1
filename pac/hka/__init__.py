"""Electronic emission as The Factory HKA defines it; EBI and others speak the same contract.

===========  ================================================================================
``member``   what a member of a request is: its name, its format, and when it must be there
``members``  the one ordered table of the members of Enviar
``walk``     writing, reading and checking a request by that table
``request``  a fiscal document in these words
===========  ================================================================================
"""
