import "../customers.css";
import "./merging.css";
import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation, useSearchParams } from "wouter";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { FailureNotice } from "@/components/FailureNotice";
import { BackLink } from "@/components/list/BackLink";
import { ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import type { CustomersToMergeQuery } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { merging } from "@/i18n/merging";
import { CustomerCombobox } from "@/pages/invoices/CustomerCombobox";
import { randomKey } from "@/randomKey";
import { CUSTOMERS_TO_MERGE, MERGE_CUSTOMERS, type Preview } from "./documents";
import { type Choices, choose } from "./choices";
import { MergeTable } from "./MergeTable";

export type ToMerge = Extract<NonNullable<CustomersToMergeQuery["nodes"][number]>, { name: string }>;

/** Customers side by side, and what becomes of each field when they are merged. Their ids are in the address. */
export function MergePage() {
  const t = useMessages(merging);
  const [parameters, setParameters] = useSearchParams();
  const ids = [...new Set((parameters.get("ids") ?? "").split(",").filter(Boolean))];
  const [{ data, error }, load] = useQuery({
    query: CUSTOMERS_TO_MERGE,
    variables: { ids },
    pause: ids.length === 0,
  });
  useTitle(t.mergeTitle);
  const found = ids.length ? data?.nodes : [];
  const customers = (found ?? []).filter((node): node is ToMerge => node !== null && "name" in node);
  const unique = [...new Map(customers.map((customer) => [customer.id, customer])).values()];
  const show = (shown: readonly string[]) => setParameters({ ids: shown.join(",") }, { replace: true });
  return (
    <div className="page">
      <BackLink path="/clientes/duplicados" title={t.title} />
      <div className="page-header">
        <div>
          <h1>{t.mergeTitle}</h1>
          <p className="muted">{t.mergeHint}</p>
        </div>
      </div>
      {error && !data && <ErrorState error={error} onRetry={() => load()} />}
      {!error && !found && <Loading />}
      {found && (
        <>
          {unique.length > 0 && (
            <Merging
              key={unique.map(({ id }) => id).join()}
              customers={unique}
              onLeaveOut={(id) => show(unique.map((each) => each.id).filter((each) => each !== id))}
            />
          )}
          {unique.length < 20 && (
            <div className="narrow-field">
              <CustomerCombobox
                label={t.add}
                selected={null}
                onSelect={(added) => added && show([...unique.map(({ id }) => id), added.id])}
              />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Merging({ customers, onLeaveOut }: { customers: ToMerge[]; onLeaveOut: (id: string) => void }) {
  const t = useMessages(merging);
  const [survivorId, setSurvivorId] = useState(() => likeliestSurvivor(customers).id);
  const [choices, setChoices] = useState<Choices>({});
  const [confirming, setConfirming] = useState(false);
  const survivor = customers.find(({ id }) => id === survivorId) ?? customers[0]!;
  const others = customers.filter((customer) => customer !== survivor);
  const request = toRequest(survivor, others, choices);
  const { preview, error } = usePreview(request, others.length > 0);
  return (
    <>
      <MergeTable
        customers={customers}
        survivor={survivor}
        fields={preview?.fields ?? []}
        onSurvivor={(id) => {
          setSurvivorId(id);
          setChoices({});
        }}
        choices={choices}
        onChoose={(name, id) => setChoices(choose(choices, name, id))}
        onLeaveOut={onLeaveOut}
      />
      <FailureNotice error={error} />
      {preview?.warnings.map(({ message }) => (
        <Notice key={message} kind="warning" role="status">
          {message}
        </Notice>
      ))}
      {preview && preview.userErrors.length > 0 && (
        <Notice kind="danger" role="alert">
          {preview.userErrors.map(({ message }) => (
            <p key={message}>{message}</p>
          ))}
        </Notice>
      )}
      <div className="actions merge-actions">
        <p className="muted" role="status">
          {others.length === 0 ? t.needTwo : preview?.customer && t.documents(preview.documentCount)}
        </p>
        <Button
          kind="primary"
          disabled={others.length === 0 || !preview?.customer}
          onClick={() => setConfirming(true)}
        >
          {t.merge}
        </Button>
      </div>
      {confirming && (
        <MergeDialog
          name={preview?.customer?.name ?? survivor.name}
          others={others}
          request={request}
          onClose={() => setConfirming(false)}
        />
      )}
    </>
  );
}

type Request = ReturnType<typeof toRequest>;

function toRequest(survivor: ToMerge, others: ToMerge[], choices: Choices) {
  return {
    into: survivor.id,
    from: others.map(({ id }) => id),
    choices: Object.entries(choices).map(([field, customerId]) => ({ field, customerId })),
  };
}

/** The one with most invoices; of those, the one that was registered first. */
function likeliestSurvivor(customers: ToMerge[]): ToMerge {
  const active = customers.filter(({ status }) => status === "ACTIVE");
  const [first] = (active.length ? active : [...customers]).sort(
    (one, other) => other.invoiceCount - one.invoiceCount || one.createdAt.localeCompare(other.createdAt),
  );
  return first!;
}

/** What the merge would do, asked anew after each choice. */
function usePreview(request: Request, isPossible: boolean) {
  const [result, merge] = useMutation(MERGE_CUSTOMERS);
  const [preview, setPreview] = useState<Preview>();
  const variables = JSON.stringify(request);
  useEffect(() => {
    if (!isPossible) return;
    let isLatest = true;
    void merge({ ...(JSON.parse(variables) as Request), dryRun: true }).then(({ data }) => {
      if (isLatest && data) setPreview(data.mergeCustomers);
    });
    return () => {
      isLatest = false;
    };
  }, [merge, variables, isPossible]);
  return { preview: isPossible ? preview : undefined, error: result.error };
}

function MergeDialog({
  name,
  others,
  request,
  onClose,
}: {
  name: string;
  others: ToMerge[];
  request: Request;
  onClose: () => void;
}) {
  const t = useMessages(merging);
  const toast = useToast();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [, merge] = useMutation(MERGE_CUSTOMERS);
  const [idempotencyKey] = useState(randomKey);
  async function confirm(): Promise<React.ReactNode | void> {
    const { data, error } = await merge({ ...request, dryRun: false, idempotencyKey });
    if (error) return errorText(error);
    const refusals = data?.mergeCustomers.userErrors ?? [];
    if (refusals.length) return refusals.map(({ message }) => <p key={message}>{message}</p>);
    const merged = data?.mergeCustomers.customer;
    if (!merged) return;
    toast(t.merged(merged.name));
    navigate(`/clientes/${merged.id}`);
  }
  return (
    <ConfirmDialog
      title={t.confirmTitle(name)}
      text={t.confirm(others.map((other) => other.name).join(", "))}
      label={t.merge}
      kind="primary"
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
