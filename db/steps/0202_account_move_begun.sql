-- Files are copied before the account's workers rest.

ALTER TABLE account_move DROP CONSTRAINT account_move_state_check;
ALTER TABLE account_move ADD CONSTRAINT account_move_state_check CHECK (state IN (
    'BEGUN', 'PREPARING', 'FROZEN', 'COPIED', 'SWITCHED', 'CONFIRMED', 'ARRIVING'));
