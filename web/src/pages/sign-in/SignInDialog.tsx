import "./sign-in.css";
import { useEffect, useEffectEvent, useState } from "react";
import { Dialog } from "@/components/Dialog";
import { createClient } from "@/graphql/client";
import { useLanguage, useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { VIEWER } from "@/layout/viewer";
import { onSignedInElsewhere, resume } from "@/session";
import { SignInForm } from "./SignInForm";

/**
 * Shown above the page whose session has ended, until somebody signs in here or in another tab. What waits goes on only in
 * the same account; signing in to another one loads the first page.
 */
export function SignInDialog({ accountId }: { accountId: string }) {
  const t = useMessages(signInMessages);
  const [language] = useLanguage();
  // The client of the page makes all requests wait.
  const [client] = useState(() => createClient(language));

  async function checkAccount() {
    const { data } = await client.query(VIEWER, {}, { requestPolicy: "network-only" });
    if (data && data.viewer.account.id !== accountId) window.location.assign("/");
    else resume();
  }
  const onElsewhere = useEffectEvent(checkAccount);
  useEffect(() => onSignedInElsewhere(() => void onElsewhere()), []);

  return (
    <Dialog title={t.expiredTitle}>
      <p className="muted">{t.expired}</p>
      <SignInForm onSignedIn={checkAccount} />
      <p className="muted small">{t.expiredLink}</p>
    </Dialog>
  );
}
