"""Moving an account to the database of another node: what of it is where, its rows, and the steps of a move."""
