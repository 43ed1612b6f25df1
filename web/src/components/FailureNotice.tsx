import type { CombinedError } from "@urql/core";
import { Notice } from "@/components/states";
import { useErrorText } from "@/graphql/errors";

/** Beside the button: why a request failed, if it did. */
export function FailureNotice({ error }: { error: CombinedError | undefined }) {
  const errorText = useErrorText();
  if (!error) return null;
  return (
    <Notice kind="danger" role="alert">
      {errorText(error)}
    </Notice>
  );
}
