import { Combobox } from "@/components/Combobox";
import { useOptionSearch } from "@/components/useOptionSearch";
import { graphql, type LocationsQuery } from "@/graphql";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps } from "./values";

const LOCATIONS = graphql(/* GraphQL */ `
  query Locations($search: String) {
    locations(search: $search, first: 30) {
      code
      corregimiento
      district
      province
    }
  }
`);

const optionsOf = (data: LocationsQuery) => data.locations;

/** Corregimiento, distrito and provincia in one field: any words of the three find a location. */
export function LocationField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  const search = useOptionSearch(LOCATIONS, optionsOf, "Location");
  return (
    <Combobox
      wide
      label={t.locationLabel(rule.label)}
      required={rule.required}
      error={messageAt(refusals, "locationCode")}
      hint={t.locationHint}
      selected={value.locationCode}
      onSelect={(locationCode) => set({ locationCode })}
      {...search}
      keyOf={({ code }) => code}
      textOf={({ corregimiento, district, province }) => `${corregimiento}, ${district}, ${province}`}
      render={({ corregimiento, district, province }) => (
        <>
          {corregimiento} <span className="muted small">{`${district}, ${province}`}</span>
        </>
      )}
    />
  );
}
