import { Link } from "wouter";
import { Button } from "@/components/Button";
import { Notice } from "@/components/states";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps } from "./values";

/** Leads to a customer that exists already: uses it where the form is part of something, or else opens its page. */
export function ExistingLink({
  id,
  onUseExisting,
}: { id: string } & Pick<CustomerInputProps, "onUseExisting">) {
  const t = useMessages(customers);
  if (onUseExisting) return <Button onClick={() => onUseExisting(id)}>{t.useExisting}</Button>;
  return <Link href={`/clientes/${id}`}>{t.openExisting}</Link>;
}

/** The customer that has the same RUC or document, if the form was refused for that. */
export function Duplicate({
  refusals,
  onUseExisting,
}: Pick<CustomerInputProps, "refusals" | "onUseExisting">) {
  const duplicate = refusals.find(({ code }) => code === "DUPLICATE_CUSTOMER");
  if (!duplicate?.relatedId) return null;
  return (
    <div className="wide">
      <Notice kind="warning">
        <p>{duplicate.message}</p>
        <ExistingLink id={duplicate.relatedId} onUseExisting={onUseExisting} />
      </Notice>
    </div>
  );
}
