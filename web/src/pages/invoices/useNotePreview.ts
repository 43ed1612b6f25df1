import { useEffect, useState } from "react";
import { useClient } from "urql";
import { useDebounced } from "@/components/useDebounced";
import { createNote, type NoteAnswer, type NoteRequest } from "./note";

/** What the service says of a note before it is issued; of the last one that it was asked about, while it is asked anew. */
export function useNotePreview(request: NoteRequest | null): {
  note: NoteAnswer["note"];
  refusals: NoteAnswer["refusals"];
} {
  const client = useClient();
  const text = request ? JSON.stringify(request) : "";
  const asked = useDebounced(text, 300);
  const [preview, setPreview] = useState<{ text: string; answer: NoteAnswer }>();
  useEffect(() => {
    if (!asked) return;
    let isCurrent = true;
    void createNote(client, JSON.parse(asked) as NoteRequest, {
      dryRun: true,
      notify: false,
      idempotencyKey: null,
    }).then(({ answer }) => {
      if (isCurrent && answer) setPreview({ text: asked, answer });
    });
    return () => {
      isCurrent = false;
    };
  }, [client, asked]);
  if (!request || !preview) return { note: null, refusals: [] };
  return { note: preview.answer.note, refusals: preview.text === text ? preview.answer.refusals : [] };
}
