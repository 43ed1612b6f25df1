import "./sign-in.css";
import { useClient } from "urql";
import { Dialog } from "@/components/Dialog";
import { useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { VIEWER } from "@/layout/viewer";
import { SignInForm } from "./SignInForm";

/** Shown above the page whose session has ended. Signing in to another account loads the first page. */
export function SignInDialog({ accountId }: { accountId: string }) {
  const t = useMessages(signInMessages);
  const client = useClient();

  async function checkAccount() {
    const { data } = await client.query(VIEWER, {}, { requestPolicy: "network-only" });
    if (data && data.viewer.account.id !== accountId) {
      window.location.assign("/");
    }
  }

  return (
    <Dialog title={t.expiredTitle}>
      <p className="muted">{t.expired}</p>
      <SignInForm onSignedIn={checkAccount} />
    </Dialog>
  );
}
