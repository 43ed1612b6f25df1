import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { TextField } from "@/components/Field";
import { useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { type SignInOutcome, signIn } from "@/session";

/** Asks for an API key. `problem` says what went wrong before. */
export function SignInForm({
  problem,
  onSignedIn,
}: {
  problem?: string | undefined;
  onSignedIn: () => void;
}) {
  const t = useMessages(signInMessages);
  const [key, setKey] = useState("");
  const [outcome, setOutcome] = useState<SignInOutcome | "working">();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!key.trim()) return;
    setOutcome("working");
    const result = await signIn({ key: key.trim() });
    setOutcome(result);
    if (result === "signedIn") onSignedIn();
  }

  const error =
    outcome === "wrong" ? t.wrong : outcome === "unreachable" ? t.unreachable : outcome ? undefined : problem;
  return (
    <form onSubmit={submit} className="sign-in-form">
      <TextField
        label={t.key}
        hint={t.keyHint}
        error={error}
        type="password"
        autoComplete="current-password"
        required
        value={key}
        onChange={setKey}
      />
      <Button type="submit" kind="primary" busy={outcome === "working"}>
        {outcome === "working" ? t.working : t.submit}
      </Button>
    </form>
  );
}
