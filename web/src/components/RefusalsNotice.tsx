import { Notice } from "@/components/states";
import type { Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** Asks to check the marked fields, and shows the refusals that belong to no field. It stands beside the button. */
export function RefusalsNotice({ refusals }: { refusals: Refusals }) {
  const t = useMessages(common);
  if (!refusals.length) return null;
  const general = refusals.filter(({ path }) => path.length === 0);
  const fields = refusals.length - general.length;
  return (
    <Notice kind="danger" role="alert">
      {general.map(({ message }) => (
        <p key={message} data-refusals tabIndex={-1}>
          {message}
        </p>
      ))}
      {fields > 0 && <p>{t.fixErrors(fields)}</p>}
    </Notice>
  );
}
