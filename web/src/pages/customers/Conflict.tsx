import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Table } from "@/components/Table";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { CUSTOMER_FIELD_NAMES, useFormatField } from "./fields";
import type { CustomerFormValue } from "./form/values";

/**
 * Compares two versions of a customer that was changed by two people since `base`. Keeping "mine" sends only what was
 * changed here, so the other person's changes to other fields stay.
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
  const formatField = useFormatField();
  const rows = CUSTOMER_FIELD_NAMES.map((name) => ({
    name,
    base: formatField(name, base),
    mine: formatField(name, mine),
    theirs: formatField(name, theirs),
  })).filter((row) => row.theirs !== row.base || row.mine !== row.base);
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
