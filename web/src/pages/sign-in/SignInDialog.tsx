import "./sign-in.css";
import { useClient } from "urql";
import { Dialog } from "@/components/Dialog";
import { useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { VIEWER } from "@/layout/viewer";
import { SignInForm } from "./SignInForm";

/** Above the page whose session ended. Whoever signs in to another account begins anew. */
export function SignInDialog({ accountId }: { accountId: string }) {
  const t = useMessages(signInMessages);
  const client = useClient();

  async function check() {
    const { data } = await client.query(VIEWER, {}, { requestPolicy: "network-only" });
    if (data && data.viewer.account.id !== accountId) {
      window.location.assign("/");
    }
  }

  return (
    <Dialog title={t.expiredTitle}>
      <p className="muted">{t.expired}</p>
      <SignInForm onSignedIn={check} />
    </Dialog>
  );
}
