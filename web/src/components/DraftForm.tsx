import type { CombinedError } from "@urql/core";
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { Button, ButtonLink } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
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
  /** Sends the form unless it is being sent, or a field waits for a choice, and shows what went wrong. */
  submit: (send: () => Promise<SendResult>, name?: string) => Promise<SendResult>;
  /** Drops the refusals at a path and below it, since the field was changed. */
  dropRefusals: (...path: string[]) => void;
};

export type DraftFormState<T> = Draft<T> &
  Sending & {
    element: RefObject<HTMLFormElement | null>;
    /** Discards the draft and what was refused of it. */
    startOver: () => void;
    /** Lets the draft create something new, although something was created from it before. */
    createAnother: () => void;
  };

const NO_REFUSALS: Refusals = [];

/** A form whose values are kept as a draft. `refused` are refusals that it begins with. */
export function useDraftForm<T>(name: string, initial: T, refused = NO_REFUSALS): DraftFormState<T> {
  const draft = useDraft(name, initial);
  const element = useRef<HTMLFormElement>(null);
  const { show, submit, ...sending } = useSending(refused);
  return {
    ...draft,
    ...sending,
    element,
    submit: async (send, name) => {
      // A combobox with words of which nothing was chosen yet: sending would drop them.
      const unresolved = element.current?.querySelector<HTMLElement>("[data-unresolved]");
      if (!unresolved) return submit(send, name);
      unresolved.focus();
      unresolved.scrollIntoView({ block: "center" });
      return {};
    },
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
function useSending(refused: Refusals) {
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

  async function submit(send: () => Promise<SendResult>, name = ""): Promise<SendResult> {
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

/** How to give up what was typed in a form: at once if there is nothing to lose, or else after the dialog has asked. */
export function useDiscard<T>(
  form: DraftFormState<T>,
  onDiscarded?: () => void,
): { discard: () => void; dialog: ReactNode } {
  const t = useMessages(common);
  const [isAsking, setAsking] = useState(false);
  function finish() {
    form.startOver();
    onDiscarded?.();
  }
  return {
    discard: () => (form.isChanged ? setAsking(true) : finish()),
    dialog: isAsking && (
      <ConfirmDialog
        title={t.discardTitle}
        text={t.discardText}
        label={t.discard}
        onConfirm={() => {
          finish();
          return Promise.resolve();
        }}
        onClose={() => setAsking(false)}
      />
    ),
  };
}

/** Gives up what was typed in a form, and asks first if there is something to lose. */
export function DiscardButton<T>({
  form,
  onDiscarded,
  kind = "quiet",
  children,
}: {
  form: DraftFormState<T>;
  onDiscarded?: () => void;
  kind?: "quiet" | "secondary";
  children: ReactNode;
}) {
  const { discard, dialog } = useDiscard(form, onDiscarded);
  return (
    <>
      <Button kind={kind} onClick={discard}>
        {children}
      </Button>
      {dialog}
    </>
  );
}

/** Above a form: says that its draft was restored. */
export function DraftNotice<T>({ form }: { form: DraftFormState<T> }) {
  const t = useMessages(common);
  if (!form.isRestored) return null;
  return (
    <Notice>
      <div className="notice-line">
        {t.draftRestored}
        <DiscardButton form={form} kind="secondary">
          {t.startOver}
        </DiscardButton>
      </div>
    </Notice>
  );
}

/** `onSubmit` is called by the form's submit button, and by Ctrl+Enter anywhere in the form. */
export function DraftForm<T>({
  form,
  className,
  onSubmit,
  children,
}: {
  form: DraftFormState<T>;
  className: string;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const { element } = form;
  useFocusOnRefusal(element, form.lastRefusals);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
    onSubmit();
  }

  return (
    // Keys come from the fields of the form.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={element}
      noValidate
      className={className}
      onKeyDown={onKeyDown}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** At the end of a form: what went wrong, and its buttons. */
export function DraftFormEnd<T>({
  form,
  refusals = form.refusals,
  hrefOf,
  children,
}: {
  form: DraftFormState<T>;
  /** Those that still hold, if the form knows. */
  refusals?: Refusals;
  /** The page of what was created before. */
  hrefOf: (id: string) => string;
  children: ReactNode;
}) {
  return (
    <>
      {form.mismatch && (
        <MismatchNotice mismatch={form.mismatch} onCreateAnother={form.createAnother} hrefOf={hrefOf} />
      )}
      <RefusalsNotice refusals={refusals} />
      <FailureNotice error={form.error} />
      <div className="actions">{children}</div>
    </>
  );
}

/** Says that something was created from this draft before, with other values. */
function MismatchNotice({
  mismatch,
  onCreateAnother,
  hrefOf,
}: {
  mismatch: Refusal;
  onCreateAnother: () => void;
  hrefOf: (id: string) => string;
}) {
  const t = useMessages(common);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.focus(), []);
  return (
    <div ref={element} tabIndex={-1}>
      <Notice kind="warning" role="alert">
        <p>{t.alreadyCreated}</p>
        <div className="actions">
          {mismatch.relatedId && <ButtonLink href={hrefOf(mismatch.relatedId)}>{t.seeCreated}</ButtonLink>}
          <Button onClick={onCreateAnother}>{t.createAnother}</Button>
        </div>
      </Notice>
    </div>
  );
}
