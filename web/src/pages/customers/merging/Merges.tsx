import { useMemo, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { useToast } from "@/components/Toast";
import type { CustomerMergesQuery } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { merging } from "@/i18n/merging";
import { useMay } from "@/layout/viewer";
import { CUSTOMER_MERGES, UNDO_MERGE } from "./documents";

type Merge = CustomerMergesQuery["customerMerges"]["edges"][number]["node"];

/** The merges that can be undone, of all customers or into one; nothing if there are none. */
export function Merges({ customerId = null }: { customerId?: string | null }) {
  const t = useMessages(merging);
  const formats = useFormats();
  const mayWrite = useMay("WRITE");
  const [undoing, setUndoing] = useState<Merge | null>(null);
  const [{ data }] = useQuery({
    query: CUSTOMER_MERGES,
    variables: { customerId },
    context: useMemo(() => ({ additionalTypenames: ["Customer", "CustomerMerge"] }), []),
  });
  const merges = data?.customerMerges.edges.map(({ node }) => node) ?? [];
  if (merges.length === 0) return null;
  return (
    <section className="card merges" aria-labelledby="merges">
      <h2 id="merges">{customerId ? t.doneHere : t.done}</h2>
      <ul>
        {merges.map((merge) => (
          <li key={merge.id}>
            <div>
              {customerId ? (
                <strong>{merge.customer.name}</strong>
              ) : (
                <Link href={`/clientes/${merge.survivor.id}`}>
                  {t.doneText(merge.customer.name, merge.survivor.name)}
                </Link>
              )}
              <span className="block muted small">
                {t.doneDetail(t.movedDocuments(merge.documentCount), formats.moment(merge.undoUntil))}
              </span>
            </div>
            {mayWrite && (
              <Button aria-label={t.undoName(merge.customer.name)} onClick={() => setUndoing(merge)}>
                {t.undo}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {undoing && <UndoDialog merge={undoing} onClose={() => setUndoing(null)} />}
    </section>
  );
}

function UndoDialog({ merge, onClose }: { merge: Merge; onClose: () => void }) {
  const t = useMessages(merging);
  const toast = useToast();
  const errorText = useErrorText();
  const [, undoMerge] = useMutation(UNDO_MERGE);
  async function undo(): Promise<React.ReactNode | void> {
    const { data, error } = await undoMerge({ id: merge.id });
    if (error) return errorText(error);
    const refusals = data?.undoMerge.userErrors ?? [];
    if (refusals.length) return refusals.map(({ message }) => <p key={message}>{message}</p>);
    toast(t.undone(merge.customer.name));
  }
  return (
    <ConfirmDialog
      title={t.undoTitle(merge.customer.name)}
      text={t.undoText}
      label={t.undo}
      kind="primary"
      onConfirm={undo}
      onClose={onClose}
    />
  );
}
