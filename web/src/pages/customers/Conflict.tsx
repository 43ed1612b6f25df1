import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Table } from "@/components/Table";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useCountryName } from "./form/countries";
import type { CustomerFormValue } from "./form/values";

/**
 * Somebody else has changed the customer since `base`. Saving "mine" sends only what was changed here, so what they changed
 * elsewhere stays.
 */
export function Conflict({
  base,
  mine,
  theirs,
  onMine,
  onTheirs,
  onClose,
}: {
  base: CustomerFormValue;
  mine: CustomerFormValue;
  theirs: CustomerFormValue;
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
}) {
  const t = useMessages(customers);
  const inWords = useDescription();
  const was = inWords(base);
  const here = inWords(mine);
  const there = inWords(theirs);
  const rows = (Object.keys(was) as (keyof typeof was)[])
    .filter((name) => there[name] !== was[name] || here[name] !== was[name])
    .map((name) => ({ name, mine: here[name], theirs: there[name] }));
  return (
    <Dialog title={t.conflictTitle} wide onClose={onClose}>
      <p>{t.conflict}</p>
      <Table
        caption={t.conflictTitle}
        keyOf={(row) => row.name}
        rows={rows}
        columns={[
          { key: "field", header: t.field, cell: (row) => <strong>{t.fields[row.name]}</strong> },
          { key: "theirs", header: t.theirs, cell: (row) => row.theirs || "—" },
          { key: "mine", header: t.mine, cell: (row) => row.mine || "—" },
        ]}
      />
      <p className="muted small">{t.conflictHint}</p>
      <div className="actions">
        <Button kind="primary" onClick={onMine}>
          {t.keepMine}
        </Button>
        <Button onClick={onTheirs}>{t.takeTheirs}</Button>
      </div>
    </Dialog>
  );
}

/** Each field in words. */
function useDescription() {
  const t = useMessages(customers);
  const countryName = useCountryName();
  return (value: CustomerFormValue): Record<keyof typeof t.fields, string> => ({
    receiverType: t.receiverTypes[value.receiverType],
    taxpayerType: value.taxpayerType && t.taxpayerTypes[value.taxpayerType],
    ruc: value.ruc,
    dv: value.dv,
    foreignId: value.foreignId.number && `${value.foreignId.number}, ${countryName(value.foreignId.country)}`,
    name: value.name,
    place: value.place
      ? `${value.place.corregimiento}, ${value.place.district}, ${value.place.province}`
      : "",
    address: value.address,
    email: value.email,
    phone: value.phone,
    mobile: value.mobile,
    associatedPersons: value.associatedPersons
      .map((person) => [person.name, person.email, person.phone].filter(Boolean).join(" "))
      .join("; "),
  });
}
