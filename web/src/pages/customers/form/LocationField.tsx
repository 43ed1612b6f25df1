import { Combobox } from "@/components/Combobox";
import type { FieldProps } from "@/components/Field";
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

type LocationOption = LocationsQuery["locations"][number];

/** Corregimiento, distrito and provincia in one field: any words of the three find a location. */
export function LocationCombobox(
  field: FieldProps & {
    selected: LocationOption | null;
    onSelect: (location: LocationOption | null) => void;
  },
) {
  const search = useOptionSearch(LOCATIONS, optionsOf, "Location");
  return (
    <Combobox<LocationOption>
      {...field}
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

export function LocationField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  return (
    <LocationCombobox
      wide
      label={t.locationLabel(rule.label)}
      required={rule.required}
      error={messageAt(refusals, "locationCode")}
      hint={t.locationHint}
      selected={value.locationCode}
      onSelect={(locationCode) => set({ locationCode })}
    />
  );
}
