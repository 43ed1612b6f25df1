import "./editor.css";
import { useState } from "react";
import { useMutation } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { DiscardButton, DraftForm, DraftFormEnd, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { TextAreaField } from "@/components/Field";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { fiscal } from "@/i18n/fiscal";
import { notes } from "@/i18n/notes";
import { CORRECT_DOCUMENT } from "./fiscalDocuments";
import { Faults } from "./FiscalStory";
import { type SalesDocument, withWarnings } from "./form";

/** Sends a rejected note again, with other notes at its foot at most: all else means to void it and make another one. */
export function CorrectNote({ note }: { note: SalesDocument }) {
  const t = useMessages(notes);
  const words = useMessages(fiscal);
  const { cancel } = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const [, correct] = useMutation(CORRECT_DOCUMENT);
  const [initial] = useState(() => ({ notes: note.notes ?? "" }));
  const form = useDraftForm(`correction.${note.id}.${note.version}`, initial);
  const page = `/facturas/${note.id}`;

  async function send() {
    const { data, error } = await correct({
      id: note.id,
      input: form.isChanged ? { notes: form.value.notes.trim() || null } : {},
      version: note.version,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { document: corrected, userErrors, warnings } = data.correctDocument;
    if (!corrected) {
      const refusals = userErrors.map((each) => ({
        ...each,
        path: each.path.at(-1) === "notes" ? ["notes"] : [],
      }));
      return { refusals };
    }
    form.discard();
    toast(withWarnings(t.sent, warnings));
    navigate(page, { replace: true });
    return {};
  }

  const submit = () => void form.submit(send);
  return (
    <>
      <Notice kind="danger">
        <p>
          <strong>{words.noteRejected}</strong>
        </p>
        <Faults title={words.faults} faults={note.fiscal.faults.filter(({ notice }) => !notice)} />
      </Notice>
      <DraftNotice form={form} />
      <DraftForm form={form} className="editor" onSubmit={submit}>
        <section className="card">
          <TextAreaField
            label={t.noteText}
            hint={t.sendAgainHint}
            value={form.value.notes}
            error={messageAt(form.refusals, "notes")}
            onChange={(typed) => {
              form.setValue({ notes: typed });
              form.dropRefusals("notes");
            }}
          />
          <DraftFormEnd form={form} hrefOf={(id) => `/facturas/${id}`}>
            <Button kind="primary" busy={form.busy !== undefined} onClick={submit}>
              {form.busy === undefined ? t.sendAgain : words.sendingCorrected}
            </Button>
            <DiscardButton form={form} onDiscarded={() => navigate(page)}>
              {cancel}
            </DiscardButton>
          </DraftFormEnd>
        </section>
      </DraftForm>
    </>
  );
}
