import { useState } from "react";
import { useQuery } from "urql";
import { Combobox } from "@/components/Combobox";
import { useDebounced } from "@/components/useDebounced";
import { graphql } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { Place } from "./values";

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

/** Corregimiento, distrito and provincia in one: any words of the three find it. */
export function LocationField({
  label,
  required,
  error,
  value,
  onChange,
}: {
  label: string;
  required: boolean;
  error: string | undefined;
  value: Place | null;
  onChange: (place: Place | null) => void;
}) {
  const t = useMessages(customers);
  const [search, setSearch] = useState<string | null>(null); // null until one begins to look
  const asked = useDebounced(search);
  const [{ data, fetching }] = useQuery({
    query: LOCATIONS,
    variables: { search: asked },
    pause: asked === null,
    requestPolicy: "cache-first",
  });
  return (
    <Combobox
      wide
      label={t.placeLabel(label)}
      required={required}
      error={error}
      hint={t.placeHint}
      selected={value}
      onSelect={onChange}
      onSearch={setSearch}
      options={data?.locations ?? []}
      searching={fetching || asked !== search}
      keyOf={({ code }) => code}
      textOf={(place) => `${place.corregimiento}, ${place.district}, ${place.province}`}
      render={(place) => (
        <>
          {place.corregimiento} <span className="muted small">{`${place.district}, ${place.province}`}</span>
        </>
      )}
    />
  );
}
