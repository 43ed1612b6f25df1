import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { imports } from "@/i18n/imports";
import { useMay } from "@/layout/viewer";
import { UNDO_IMPORT } from "./documents";
import type { Import } from "./ImportPage";

/** Deletes the customers that the import created, after a question. */
export function UndoImport({ row: { id } }: { row: Import }) {
  const t = useMessages(imports);
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const [asks, setAsks] = useState(false);
  const [, undo] = useMutation(UNDO_IMPORT);
  if (!mayWrite) return null;
  return (
    <div className="actions">
      <Button onClick={() => setAsks(true)}>{t.undo}</Button>
      {asks && (
        <ConfirmDialog
          title={t.undoTitle}
          text={t.undoText}
          label={t.undoLabel}
          onClose={() => setAsks(false)}
          onConfirm={async () => {
            const { data, error } = await undo({ id });
            return error ? errorText(error) : data?.undoImport.userErrors[0]?.message;
          }}
        />
      )}
    </div>
  );
}
