import { useQuery } from "urql";
import { SelectField } from "@/components/Field";
import type { FilterProps } from "@/components/list/ListPage";
import { TextFilter } from "@/components/list/TextFilter";
import { graphql } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { RECEIVER_TYPES, readFilters, STATUS_NAMES, TAXPAYER_TYPES, VERIFICATIONS } from "./search";

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

export function CustomerFilters({ parameters, onChange }: FilterProps) {
  const t = useMessages(customers);
  const filters = readFilters(parameters);
  const [{ data }] = useQuery({ query: PROVINCES, requestPolicy: "cache-first" });
  const provinces = data?.provinces ?? [];
  const districts = provinces.find(({ code }) => code === filters.province)?.districts ?? [];
  return (
    <>
      <SelectField
        label={t.fields.receiverType}
        value={filters.receiverType}
        onChange={(receptor) => onChange({ receptor })}
        options={[["", t.all], ...RECEIVER_TYPES.map((type) => [type, t.receiverTypes[type]] as const)]}
      />
      <SelectField
        label={t.fields.taxpayerType}
        value={filters.taxpayerType}
        onChange={(tipo) => onChange({ tipo })}
        options={[["", t.all], ...TAXPAYER_TYPES.map((type) => [type, t.taxpayerTypes[type]] as const)]}
      />
      <SelectField
        label={t.province}
        value={filters.province}
        onChange={(provincia) => onChange({ provincia, distrito: "" })}
        options={[["", t.allFeminine], ...provinces.map(({ code, name }) => [code, name] as const)]}
      />
      <SelectField
        label={t.district}
        value={filters.district}
        disabled={!filters.province}
        onChange={(distrito) => onChange({ distrito })}
        options={[["", t.all], ...districts.map(({ code, name }) => [code, name] as const)]}
      />
      <SelectField
        label={t.verification}
        value={filters.verification}
        onChange={(verificacion) => onChange({ verificacion })}
        options={[
          ["", t.allFeminine],
          ...VERIFICATIONS.map((status) => [status, t.verifications[status]] as const),
        ]}
      />
      <SelectField
        label={t.completeness}
        value={filters.incomplete ? "1" : ""}
        onChange={(incompletos) => onChange({ incompletos })}
        options={[
          ["", t.all],
          ["1", t.incomplete],
        ]}
      />
      <TextFilter
        label={t.tag}
        text={filters.tag}
        onChange={(etiqueta) => onChange({ etiqueta }, { replace: true })}
      />
      <SelectField
        label={t.status}
        value={filters.status}
        onChange={(estado) => onChange({ estado: estado === "activos" ? "" : estado })}
        options={STATUS_NAMES.map((status) => [status, t.statuses[status]] as const)}
      />
    </>
  );
}
