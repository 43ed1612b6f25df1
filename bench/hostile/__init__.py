"""Measures well-behaved clients while one attack after the other is made.

    python -m bench.hostile [--seconds 8] [--clients 4] [--only NAME] [--proxy nginx]

A server of its own on loopback serves clients that list, read and write at a steady rate. One attack after the other is
made on it from another process, bounded in time and connections. It prints the clients' latencies, also as ratios to
those without an attack, the answers to the attackers, and the server's memory and processor time. Any answer but data,
coded errors and deliberate refusals ends the run. With ``--proxy nginx`` everything goes through nginx with
docker/nginx.conf. Clients and the connections of an attack have an address each: 127.0.1.1 and on, 127.0.0.2 and on.

=================  ===================================================================
``answers``        what may be answered
``attacker``       an attacking client, in a process of its own
``attacks``        the attacks by name
``bodies``         malformed and large bodies
``documents``      documents that are hard to parse, to validate or to plan
``costly``         requests within all limits that cost much
``long_answers``   answers that cost much to make and to send, and their slow readers
``wrong_keys``     guesses
``slow``           connections that send or take a byte a second
``websockets``     floods of frames
``subscriptions``  many subscriptions with long answers
``receivers``      a webhook's receiver that never answers
``clients``        the well-behaved clients
``trial``          the server, the accounts, and one phase after the other
=================  ===================================================================
"""
