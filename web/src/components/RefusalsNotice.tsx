import { Notice } from "@/components/states";
import type { Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** Beside the button: how many fields are to be looked at, and what is wrong with none of them in particular. */
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
