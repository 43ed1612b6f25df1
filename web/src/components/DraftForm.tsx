import type { CombinedError } from "@urql/core";
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Button, ButtonLink } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { type Draft, useDraft } from "@/drafts";
import { type Refusal, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** How sending a form ended: refused, failed, or else done. The paths of refusals are those of the form's fields. */
export type SendResult = { refusals?: Refusals; error?: CombinedError | undefined };

type Sending = {
  refusals: Refusals;
  /** The refusals of the last request, which the focus goes to. */
  lastRefusals: Refusals;
  error: CombinedError | undefined;
  /** What is being sent, by the name given to `submit`. */
  busy: string | undefined;
  /** Set if something was created from this draft before, with other values. */
  mismatch: Refusal | undefined;
  /** Sends the form unless it is being sent, and shows what went wrong. */
  submit: (send: () => Promise<SendResult>, name?: string) => Promise<SendResult>;
  /** Drops the refusals at a path and below it, since the field was changed. */
  dropRefusals: (...path: string[]) => void;
};

export type DraftFormState<T> = Draft<T> &
  Sending & {
    /** Discards the draft and what was refused of it. */
    startOver: () => void;
    /** Lets the draft create something new, although something was created from it before. */
    createAnother: () => void;
  };

const NO_REFUSALS: Refusals = [];

/** A form whose values are kept as a draft. `refused` are refusals that it begins with. */
export function useDraftForm<T>(name: string, initial: T, refused = NO_REFUSALS): DraftFormState<T> {
  const draft = useDraft(name, initial);
  const { show, ...sending } = useSending(refused);
  return {
    ...draft,
    ...sending,
    startOver: () => {
      draft.discard();
      show({});
    },
    createAnother: () => {
      draft.renewKey();
      show({});
    },
  };
}

/** Sends a form, and keeps how the last request ended. */
function useSending(refused: Refusals): Sending & { show: (result: SendResult) => void } {
  const [refusals, setRefusals] = useState(refused);
  const [lastRefusals, setLastRefusals] = useState(refused);
  const [error, setError] = useState<CombinedError>();
  const [mismatch, setMismatch] = useState<Refusal>();
  const [busy, setBusy] = useState<string>();

  function show({ refusals = NO_REFUSALS, error }: SendResult) {
    const found = refusals.filter(({ code }) => code !== "IDEMPOTENCY_MISMATCH");
    setRefusals(found);
    setLastRefusals(found);
    setError(error);
    setMismatch(refusals.find(({ code }) => code === "IDEMPOTENCY_MISMATCH"));
  }

  async function submit(send: () => Promise<SendResult>, name = "") {
    if (busy !== undefined) return {};
    setBusy(name);
    setError(undefined);
    const result = await send();
    setBusy(undefined);
    show(result);
    return result;
  }

  const dropRefusals = useCallback((...path: string[]) => {
    setRefusals((before) => before.filter((each) => path.some((part, index) => each.path[index] !== part)));
  }, []);

  return { refusals, lastRefusals, error, mismatch, busy, submit, dropRefusals, show };
}

/** Above a form: says that its draft was restored, or that something was created from it before. */
export function DraftNotice<T>({
  form,
  hrefOf,
}: {
  form: DraftFormState<T>;
  /** The page of what was created before. */
  hrefOf: (id: string) => string;
}) {
  const t = useMessages(common);
  const element = useRef<HTMLDivElement>(null);
  const { mismatch } = form;
  // The button that was pressed is at the end of the form, perhaps out of sight of this notice.
  useEffect(() => {
    if (mismatch) element.current?.scrollIntoView({ block: "center" });
  }, [mismatch]);

  if (mismatch) {
    return (
      <div ref={element}>
        <Notice kind="warning" role="alert">
          <p>{t.alreadyCreated}</p>
          <div className="actions">
            {mismatch.relatedId && <ButtonLink href={hrefOf(mismatch.relatedId)}>{t.seeCreated}</ButtonLink>}
            <Button onClick={form.createAnother}>{t.createAnother}</Button>
          </div>
        </Notice>
      </div>
    );
  }
  if (!form.isRestored) return null;
  return (
    <Notice>
      <p className="notice-line">
        {t.draftRestored}
        <Button onClick={form.startOver}>{t.startOver}</Button>
      </p>
    </Notice>
  );
}

export function DraftForm<T>({
  form,
  className,
  onSubmit,
  children,
}: {
  form: DraftFormState<T>;
  className: string;
  onSubmit?: () => void;
  children: ReactNode;
}) {
  const element = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(element, form.lastRefusals);
  return (
    <form
      ref={element}
      noValidate
      className={className}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit?.();
      }}
    >
      {children}
    </form>
  );
}

/** At the end of a form: what went wrong, and its buttons. */
export function DraftFormEnd<T>({ form, children }: { form: DraftFormState<T>; children: ReactNode }) {
  return (
    <>
      <RefusalsNotice refusals={form.refusals} />
      <FailureNotice error={form.error} />
      <div className="actions">{children}</div>
    </>
  );
}
