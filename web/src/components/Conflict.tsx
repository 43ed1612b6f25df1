import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Table } from "@/components/Table";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** A field of two versions, as text; "" for none. */
export type ConflictRow = { key: string; label: string; base: string; mine: string; theirs: string };

/**
 * Compares two versions of something that two people have changed since `base`. Keeping "mine" sends only what was changed
 * here, so the other person's changes to other fields stay.
 */
export function Conflict({
  title,
  rows,
  onMine,
  onTheirs,
  onClose,
}: {
  title: string;
  rows: readonly ConflictRow[];
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
}) {
  const t = useMessages(common);
  const cell = (text: string, base: string) =>
    text === base ? (
      <span className="muted">{t.notChanged}</span>
    ) : (
      <strong className="multiline">{text || "—"}</strong>
    );
  return (
    <Dialog title={title} wide onClose={onClose}>
      <p>{t.conflict}</p>
      <Table
        caption={title}
        keyOf={(row) => row.key}
        rows={rows.filter((row) => row.theirs !== row.base || row.mine !== row.base)}
        columns={[
          { key: "field", header: t.field, cell: (row) => row.label },
          {
            key: "base",
            header: t.before,
            cell: (row) => <span className="multiline">{row.base || "—"}</span>,
          },
          { key: "theirs", header: t.theirs, cell: (row) => cell(row.theirs, row.base) },
          { key: "mine", header: t.mine, cell: (row) => cell(row.mine, row.base) },
        ]}
      />
      <p className="muted small">{t.conflictHint}</p>
      <div className="actions">
        <Button kind="primary" data-first-focus onClick={onMine}>
          {t.keepMine}
        </Button>
        <Button onClick={onTheirs}>{t.takeTheirs}</Button>
      </div>
    </Dialog>
  );
}
