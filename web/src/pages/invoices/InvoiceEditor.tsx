import "./editor.css";
import {
  type Dispatch,
  type ReactNode,
  type SetStateAction,
  useCallback,
  useMemo,
  useRef,
  useState,
} from "react";
import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { SelectField, TextAreaField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import type { Currency } from "@/graphql";
import { below, messageAt, type Refusal, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { compute } from "@/money/invoice";
import { EMPTY_CUSTOMER } from "@/pages/customers/form/values";
import { CustomerChoice } from "./CustomerChoice";
import { INVOICE_SETTINGS } from "./documents";
import { type Editing, type FormLine, type InvoiceForm, placed, unreadable } from "./form";
import { Lines } from "./Lines";
import { NewCustomerDialog } from "./NewCustomerDialog";
import { Totals } from "./Totals";

/** How sending ended, unless the page was left: with refusals, whose paths are the mutation's, or a failure. */
export type Sent = { refusals: Refusals } | { problem: string };

const CURRENCIES: Currency[] = ["PAB", "USD"];

/** The form of an invoice, for a new one and for a draft. Its owner keeps the value, and sends it. */
export function InvoiceEditor({
  value,
  onChange,
  mayKeepNew,
  send,
  notice,
  cancel,
}: {
  value: Editing;
  onChange: Dispatch<SetStateAction<Editing>>;
  /** Whether a new customer may wait until the invoice is stored. */
  mayKeepNew: boolean;
  send: (issue: boolean) => Promise<Sent | undefined>;
  /** What there is to say about the whole of it. */
  notice?: ReactNode;
  /** The button that ends without storing. */
  cancel: ReactNode;
}) {
  const t = useMessages(invoices);
  const element = useRef<HTMLFormElement>(null);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const [shown, setShown] = useState(refusals); // those that the focus has gone to
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState<"issue" | "draft">();
  const [{ data }] = useQuery({ query: INVOICE_SETTINGS });
  useFocusOnRefusal(element, shown);

  const { form, customer } = value;
  const points = data?.viewer.account.billingPoints ?? [];
  const { totals } = useMemo(() => compute(form.lines), [form.lines]);

  const forget = useCallback((...path: string[]) => {
    setRefusals((before) => before.filter((each) => path.some((part, index) => each.path[index] !== part)));
  }, []);

  const forgetLine = useCallback((key: string, name: string) => forget("lines", key, name), [forget]);
  const ofLines = useMemo(() => below(refusals, "lines"), [refusals]);

  function set(values: Partial<Editing>) {
    onChange((before) => ({ ...before, ...values }));
  }

  function field<Name extends keyof InvoiceForm>(name: Name) {
    return {
      value: form[name],
      error: messageAt(refusals, name),
      onChange: (typed: InvoiceForm[Name]) => {
        onChange((before) => ({ ...before, form: { ...before.form, [name]: typed } }));
        forget(name);
      },
    };
  }

  const setLines = useCallback(
    (change: SetStateAction<FormLine[]>) =>
      onChange((before) => {
        const lines = typeof change === "function" ? change(before.form.lines) : change;
        return { ...before, form: { ...before.form, lines } };
      }),
    [onChange],
  );

  function show(found: Refusals) {
    setRefusals(found);
    setShown(found);
  }

  async function submit(issue: boolean) {
    if (busy) return;
    setProblem(undefined);
    const missing = [
      ...(customer ? [] : [refusal(["customerId"], t.customerMissing)]),
      ...unreadable(form.lines).map(({ path, fault }) => refusal(path, t.numberFaults[fault])),
    ];
    if (missing.length > 0) return show(missing);
    setBusy(issue ? "issue" : "draft");
    const sent = await send(issue);
    setBusy(undefined);
    if (!sent) return;
    if ("problem" in sent) return setProblem(sent.problem);
    const found = placed(sent.refusals, form.lines);
    show(found);
    if (found.some(({ path }) => path[0] === "newCustomer")) set({ asking: true });
  }

  return (
    <>
      {notice}
      <form ref={element} noValidate className="editor" onSubmit={(event) => event.preventDefault()}>
        <section className="card" aria-labelledby="editor-customer">
          <h2 id="editor-customer">{t.customer}</h2>
          <CustomerChoice
            value={customer}
            onChange={(chosen) => {
              set({ customer: chosen });
              forget("customerId");
              forget("newCustomer");
            }}
            onNew={(typed) => {
              const begun = value.newCustomer !== EMPTY_CUSTOMER && value.newCustomer.name;
              set({
                asking: true,
                ...(!begun && { newCustomer: { ...value.newCustomer, ...named(typed) } }),
              });
            }}
            refusals={refusals}
          />
        </section>
        <section className="card" aria-labelledby="editor-details">
          <h2 id="editor-details">{t.details}</h2>
          <div className="editor-details">
            {points.length !== 1 && (
              <SelectField
                label={t.billingPoint}
                required
                {...field("billingPoint")}
                options={[
                  ["", t.choose],
                  ...points.map(({ code, name }) => [code, name ? `${code} · ${name}` : code] as const),
                ]}
              />
            )}
            <SelectField
              label={t.currency}
              {...field("currency")}
              options={CURRENCIES.map((each) => [each, t.currencies[each]] as const)}
            />
            <TextField label={t.issueDate} type="date" hint={t.todayIfEmpty} {...field("issueDate")} />
            <TextField label={t.dueDate} type="date" {...field("dueDate")} />
          </div>
        </section>
        <section className="card wide" aria-labelledby="editor-lines">
          <h2 id="editor-lines">{t.lines}</h2>
          <Lines lines={form.lines} onChange={setLines} onEdited={forgetLine} refusals={ofLines} />
        </section>
        <div className="editor-bottom wide">
          <section className="card" aria-labelledby="editor-notes">
            <h2 id="editor-notes">{t.notes}</h2>
            <TextAreaField label={t.notesLabel} hint={t.notesHint} {...field("notes")} />
          </section>
          <section className="card editor-end" aria-labelledby="editor-totals">
            <h2 id="editor-totals" className="visually-hidden">
              {t.totals}
            </h2>
            <Totals sums={totals} currency={form.currency} />
            {totals.tooLarge && <p className="field-error">{t.tooLarge}</p>}
            {problem ? (
              <Notice kind="danger" role="alert">
                {problem}
              </Notice>
            ) : (
              <RefusalsNotice refusals={refusals} />
            )}
            <div className="actions">
              <Button kind="primary" busy={busy !== undefined} onClick={() => submit(true)}>
                {busy === "issue" ? t.issuing : t.issue}
              </Button>
              <Button busy={busy !== undefined} onClick={() => submit(false)}>
                {busy === "draft" ? t.savingDraft : t.saveDraft}
              </Button>
              {cancel}
            </div>
          </section>
        </div>
      </form>
      {value.asking && (
        <NewCustomerDialog
          value={value.newCustomer}
          onChange={(change) =>
            onChange((before) => ({
              ...before,
              newCustomer: typeof change === "function" ? change(before.newCustomer) : change,
            }))
          }
          refusals={below(refusals, "newCustomer")}
          mayKeep={mayKeepNew}
          onChosen={(chosen) => {
            set({
              customer: chosen,
              asking: false,
              ...(chosen.kind === "stored" && { newCustomer: EMPTY_CUSTOMER }),
            });
            forget("customerId");
            forget("newCustomer");
          }}
          onClose={() => set({ asking: false })}
        />
      )}
    </>
  );
}

function refusal(path: readonly string[], message: string): Refusal {
  return {
    __typename: "UserError",
    path: [...path],
    code: "INVALID_VALUE",
    message,
    expected: null,
    relatedId: null,
  };
}

/** What was searched for and not found begins the new customer: a RUC has digits, a name hardly. */
function named(typed: string): { name?: string; ruc?: string } {
  const text = typed.trim();
  if (!text) return {};
  return /\d/.test(text) ? { ruc: text } : { name: text };
}
