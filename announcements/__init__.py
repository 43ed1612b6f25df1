"""What happened, and who is told: webhooks, e-mail, the feed and subscriptions.

==============  ==============================================================================
``outbox``      writes events in the transaction of the change, and gives them into the feed
``feed``        an account's events, read back or watched
``deliveries``  events on their way to a webhook or an e-mail address: claiming and settling them
``webhooks``    an account's webhooks, and sending to them
``mail``        telling people of an issued invoice
``worker``      does the dispatching and the sending, in the server's process or one of its own
==============  ==============================================================================

Every event is told at least once, under the same id each time, and for each object in the order of its
changes.
"""
