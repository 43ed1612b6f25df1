-- 300,000 customers in one account and 300,000 in 300 others, to look at the plans of searches.
insert into account(id,name) select ('00000000-0000-7000-8000-'||lpad(g::text,12,'0'))::uuid, 'acc '||g from generate_series(1,301) g on conflict do nothing;
create or replace function pick(a text[]) returns text language sql volatile as $$ select a[1+floor(random()*array_length(a,1))::int] $$;
insert into customer(id,account_id,receiver_type,ruc,dv,name,status,verification_status,identification,name_key,identification_key,phone,phone_key,search)
select gen_random_uuid(), acc, 'FINAL_CONSUMER', ruc, '11', name, 'ACTIVE','UNVERIFIED', ruc||' DV 11', lower(name), ruc, ph, substr(ph,2), ' '||lower(name)||' '||replace(ruc,'-',' ')||' '||replace(ruc,'-','')||' '||substr(ph,2)||' '||substr(ph,5)
from (select case when g<=300000 then '00000000-0000-7000-8000-000000000001' else '00000000-0000-7000-8000-'||lpad((2+g%300)::text,12,'0') end::uuid acc,
 '8-'||(g%9999)||'-'||(g/7) ruc, '+5076'||lpad((g*7919%10000000)::text,7,'0') ph,
 pick(array['Inversiones','Comercial','Distribuidora','Ferreteria','Panaderia','Taller','Farmacia','Grupo','Servicios','Consultores','Almacen','Hotel','Restaurante','Clinica','Transporte'])||' '||
 chr(97+(random()*25)::int)||chr(97+(random()*25)::int)||chr(97+(random()*25)::int)||chr(97+(random()*25)::int)||chr(97+(random()*25)::int)||' '||pick(array['Panama','Chiriqui','del Istmo','S.A.','Internacional','Central','y Asociados','Hermanos'])||' '||g as name
 from generate_series(1,600000::bigint) g) x;
analyze customer;
