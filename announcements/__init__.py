"""How events reach people and programs: webhooks, e-mail, and subscriptions.

==============  ==============================================================================
``worker``      dispatches events and delivers them, in the server's process or one of its own
``deliveries``  claiming due deliveries, and recording how attempts end
``webhooks``    sending to webhooks
``mail``        mailing issued invoices
``feed``        events as they come, for subscriptions
==============  ==============================================================================

Events are written by ``resolvers.outbox``, in the transaction of the change. Each is delivered at least
once, under the same id each time, and for each object in the order of its changes.
"""
