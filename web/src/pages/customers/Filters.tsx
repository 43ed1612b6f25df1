import "@/components/filters.css";
import { useId, useState } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { SelectField } from "@/components/Field";
import { SearchField } from "@/components/SearchField";
import type { AddressChange } from "@/components/useListAddress";
import { graphql } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import {
  FILTERS,
  ORDERS,
  type Order,
  RECEIVER_TYPES,
  type readSearch,
  STATUSES,
  TAXPAYER_TYPES,
  VERIFICATIONS,
} from "./search";

const PROVINCES = graphql(/* GraphQL */ `
  query Provinces {
    provinces {
      code
      name
      districts {
        code
        name
      }
    }
  }
`);

/** Search as one types, filters and order. On a phone the filters fold away. */
export function Filters({
  search,
  text,
  onChange,
}: {
  search: ReturnType<typeof readSearch>;
  text: string;
  onChange: AddressChange;
}) {
  const t = useMessages(customers);
  const [open, setOpen] = useState(false);
  const [{ data }] = useQuery({ query: PROVINCES, requestPolicy: "cache-first" });
  const provinces = data?.provinces ?? [];
  const districts = provinces.find(({ code }) => code === search.province)?.districts ?? [];
  const panel = useId();

  return (
    <search className="filters">
      <div className="search-row">
        <SearchField label={t.search} text={text} onSearch={(q) => onChange({ q }, { replace: true })} />
        <Button
          className="filters-toggle"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen((was) => !was)}
        >
          {t.filters(search.filters)}
        </Button>
      </div>
      <div id={panel} className={open ? "filters-panel open" : "filters-panel"}>
        <SelectField
          label={t.receiverType}
          value={search.receiverType}
          onChange={(receptor) => onChange({ receptor })}
          options={[["", t.all], ...RECEIVER_TYPES.map((type) => [type, t.receiverTypes[type]] as const)]}
        />
        <SelectField
          label={t.taxpayerType}
          value={search.taxpayerType}
          onChange={(tipo) => onChange({ tipo })}
          options={[["", t.all], ...TAXPAYER_TYPES.map((type) => [type, t.taxpayerTypes[type]] as const)]}
        />
        <SelectField
          label={t.province}
          value={search.province}
          onChange={(provincia) => onChange({ provincia, distrito: "" })}
          options={[["", t.allOfThem], ...provinces.map(({ code, name }) => [code, name] as const)]}
        />
        <SelectField
          label={t.district}
          value={search.district}
          disabled={!search.province}
          onChange={(distrito) => onChange({ distrito })}
          options={[["", t.all], ...districts.map(({ code, name }) => [code, name] as const)]}
        />
        <SelectField
          label={t.verification}
          value={search.verification}
          onChange={(verificacion) => onChange({ verificacion })}
          options={[
            ["", t.allOfThem],
            ...VERIFICATIONS.map((status) => [status, t.verifications[status]] as const),
          ]}
        />
        <SelectField
          label={t.status}
          value={search.status}
          onChange={(estado) => onChange({ estado: estado === "activos" ? "" : estado })}
          options={Object.keys(STATUSES).map((status) => [
            status,
            t.statuses[status as keyof typeof t.statuses],
          ])}
        />
        <SelectField
          label={t.order}
          value={search.order}
          onChange={(orden) => onChange({ orden })}
          options={(Object.keys(ORDERS) as Order[]).map((order) => [order, t.orders[order]] as const)}
        />
        {search.filters > 0 && (
          <Button
            kind="quiet"
            onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, ""])))}
          >
            {t.clearFilters}
          </Button>
        )}
      </div>
    </search>
  );
}
