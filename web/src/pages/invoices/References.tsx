import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { MetadataList, readTags, TagList } from "@/components/references";
import { useToast } from "@/components/Toast";
import { atInput, below, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { UPDATE_REFERENCES } from "./documents";
import type { SalesDocument } from "./form";

/** The tags of a document, and what other systems keep with it. None of it is on its paper. */
export function References({ document, onChange }: { document: SalesDocument; onChange: () => void }) {
  const t = useMessages(invoices);
  const mayWrite = useMay("WRITE");
  const [isEditing, setEditing] = useState(false);
  const { externalId, tags, metadata } = document;
  if (!mayWrite && !externalId && tags.length + metadata.length === 0) return null;
  return (
    <section className="card small" aria-labelledby="references">
      <h2 id="references">{t.references}</h2>
      {tags.length > 0 && <TagList tags={tags} />}
      {externalId && (
        <p>
          <span className="muted">{t.externalId}:</span> <span className="broken-anywhere">{externalId}</span>
        </p>
      )}
      {metadata.length > 0 && <MetadataList metadata={metadata} />}
      {mayWrite && (
        <div className="actions">
          <Button onClick={() => setEditing(true)}>{t.editReferences}</Button>
        </div>
      )}
      {isEditing && (
        <ReferencesDialog document={document} onSaved={onChange} onClose={() => setEditing(false)} />
      )}
    </section>
  );
}

function ReferencesDialog({
  document,
  onSaved,
  onClose,
}: {
  document: SalesDocument;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [tags, setTags] = useState(document.tags.join(", "));
  const [externalId, setExternalId] = useState(document.externalId ?? "");
  const [{ fetching, error }, update] = useMutation(UPDATE_REFERENCES);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { data } = await update({
      id: document.id,
      input: { tags: readTags(tags), externalId: externalId.trim() || null },
    });
    if (!data) return;
    setRefusals(atInput(data.updateDocumentReferences.userErrors));
    if (!data.updateDocumentReferences.document) return;
    toast(t.referencesSaved);
    onSaved();
    onClose();
  }

  return (
    <Dialog title={t.editReferences} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <TextField
          label={t.tags}
          hint={words.tagsHint}
          autoComplete="off"
          value={tags}
          onChange={setTags}
          error={below(refusals, "tags")[0]?.message}
        />
        <TextField
          label={t.externalId}
          hint={t.externalIdHint}
          autoComplete="off"
          maxLength={100}
          value={externalId}
          onChange={setExternalId}
          error={messageAt(refusals, "externalId")}
        />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {words.save}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
