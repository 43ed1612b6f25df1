-- How the service's searches are planned: 300,000 customers in one account and 300,000 in 300 others
-- (bench/search_load.sql). Run with psql after `server.py migrate`; see bench/README.md for what came out.
SET ROLE istmo_app;
SELECT set_config('istmo.account', '00000000-0000-7000-8000-000000000001', false);
\set list 'SELECT customer.* FROM customer_search AS customer WHERE (customer.account_id = \'00000000-0000-7000-8000-000000000001\' AND customer.status IN (\'ACTIVE\') AND CAST(customer.search AS VARCHAR) LIKE'
\set order 'ESCAPE \'\\\') ORDER BY customer.name_key ASC, customer.id ASC LIMIT 21'
\echo == selective: a word of four letters that few have
EXPLAIN (ANALYZE, COSTS OFF) :list '%qwer%' :order;
\echo == no hit
EXPLAIN (ANALYZE, COSTS OFF) :list '%zqzqz%' :order;
\echo == a common word: one customer in fifteen
EXPLAIN (ANALYZE, COSTS OFF) :list '%ferreteria%' :order;
\echo == two letters, some hits
EXPLAIN (ANALYZE, COSTS OFF) :list '% fe%' :order;
\echo == two letters, no hit
EXPLAIN (ANALYZE, COSTS OFF) :list '% 0z%' :order;
\echo == the plain list, first page
EXPLAIN (ANALYZE, COSTS OFF) SELECT customer.* FROM customer WHERE account_id = '00000000-0000-7000-8000-000000000001' AND status IN ('ACTIVE') ORDER BY name_key, id LIMIT 21;
