import type { CombinedError } from "@urql/core";
import { Notice } from "@/components/states";
import { useErrorText } from "@/graphql/errors";

/** Why a request failed, if it did. It stands beside the button that sent it. */
export function FailureNotice({ error }: { error: CombinedError | undefined }) {
  const errorText = useErrorText();
  if (!error) return null;
  return (
    <Notice kind="danger" role="alert">
      {errorText(error)}
    </Notice>
  );
}
