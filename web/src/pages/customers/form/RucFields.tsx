import { type ReactNode, useId, useRef, useState } from "react";
import { useClient } from "urql";
import { Button } from "@/components/Button";
import { Field, TextField } from "@/components/Field";
import { Badge, Notice } from "@/components/states";
import { graphql, type RucLookupQuery } from "@/graphql";
import { messageAt, useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import type { CustomerFormProps } from "./CustomerForm";
import { ExistingLink } from "./ExistingLink";
import { type CustomerFields, type CustomerFormValue, taxpayerTypes } from "./values";

const RUC_LOOKUP = graphql(/* GraphQL */ `
  query RucLookup($ruc: String!, $dv: String, $taxpayerType: TaxpayerType) {
    lookupRuc(ruc: $ruc, dv: $dv, taxpayerType: $taxpayerType) {
      status
      ruc
      dv
      taxpayerType
      name
      electronicInvoicing
      source
      asOf
      sandbox
      suggestions
      existingCustomer {
        id
        name
        identification
      }
    }
  }
`);

type Lookup = RucLookupQuery["lookupRuc"];

type Filled = Pick<CustomerFormValue, "dv" | "taxpayerType" | "name">;

/** What the answer has and the form hasn't; what was typed stays. */
function missing(value: CustomerFormValue, found: Lookup): Partial<Filled> {
  const filled: Partial<Filled> = {};
  if (found.dv && !value.dv.trim()) filled.dv = found.dv;
  if (found.taxpayerType && !value.taxpayerType) filled.taxpayerType = found.taxpayerType;
  if (found.name && !value.name.trim()) filled.name = found.name;
  return filled;
}

/** What Consultar filled in goes away with its RUC, unless it was changed by hand. */
function emptied(value: CustomerFormValue, filled: Partial<Filled>): Partial<Filled> {
  const kept = Object.entries(filled).filter(([name, text]) => value[name as keyof Filled] === text);
  return Object.fromEntries(kept.map(([name]) => [name, ""]));
}

/** RUC and DV, with Consultar. */
export function RucFields({
  value,
  onChange,
  fields,
  errors,
  onUseExisting,
  editing,
}: CustomerFormProps & { fields: CustomerFields }) {
  const t = useMessages(customers);
  const text = useErrorText();
  const client = useClient();
  const [lookup, setLookup] = useState<{ of: string; found?: Lookup; failed?: string }>();
  const filled = useRef<Partial<Filled>>({});
  const [busy, setBusy] = useState(false);
  const outcomeId = useId();
  const ruc = fields.get("ruc");
  const dv = fields.get("dv");

  const set = (change: Partial<CustomerFormValue>) => onChange((before) => ({ ...before, ...change }));

  async function consult(typed: string, given: { dv?: string; type?: CustomerFormValue["taxpayerType"] }) {
    if (!typed.trim()) {
      setLookup({ of: typed, failed: t.typeRucFirst });
      return;
    }
    setBusy(true);
    const { data, error } = await client.query(
      RUC_LOOKUP,
      { ruc: typed, dv: given.dv?.trim() || null, taxpayerType: given.type || null },
      { requestPolicy: "network-only" },
    );
    setBusy(false);
    if (!data) {
      setLookup({ of: typed, failed: error ? text(error) : t.lookupFailed });
      return;
    }
    const found = data.lookupRuc;
    const known = found.status !== "INVALID";
    onChange((before) => {
      if (!known || before.ruc !== typed) return before;
      filled.current = missing(before, found);
      return { ...before, ruc: found.ruc ?? before.ruc, ...filled.current };
    });
    setLookup({ of: (known && found.ruc) || typed, found });
  }

  const types = taxpayerTypes(fields);
  const chosenType = types.find((type) => type === value.taxpayerType) ?? "";
  const current = lookup?.of === value.ruc ? lookup : undefined;
  return (
    <>
      <div className="ruc-row wide">
        <Field
          label={ruc?.label ?? ""}
          required={ruc?.required}
          error={messageAt(errors, "ruc")}
          hint={t.rucHint}
        >
          {(control) => (
            <div className="with-button">
              <input
                {...control}
                className="input"
                autoComplete="off"
                autoCapitalize="characters"
                spellCheck={false}
                maxLength={ruc?.maxLength ?? undefined}
                value={value.ruc}
                onChange={(event) => {
                  const typed = event.target.value;
                  onChange((before) => ({ ...before, ruc: typed, ...emptied(before, filled.current) }));
                }}
              />
              <Button
                busy={busy}
                aria-describedby={outcomeId}
                onClick={() => consult(value.ruc, { dv: value.dv, type: chosenType })}
              >
                {busy ? t.consulting : t.consult}
              </Button>
            </div>
          )}
        </Field>
        {dv && !dv.forbidden && (
          <TextField
            label={dv.label}
            required={dv.required}
            error={messageAt(errors, "dv")}
            hint={t.dvHint}
            className="input"
            inputMode="numeric"
            autoComplete="off"
            maxLength={dv.maxLength ?? undefined}
            value={value.dv}
            onChange={(typed) => set({ dv: typed })}
          />
        )}
      </div>
      <Expected
        errors={errors}
        onRuc={(suggestion) => set({ ruc: suggestion })}
        onDv={(expected) => set({ dv: expected })}
      />
      <div className="wide lookup" role="status" id={outcomeId}>
        {current?.failed && <Notice kind="warning">{current.failed}</Notice>}
        {current?.found && (
          <Outcome
            found={current.found}
            name={value.name}
            onName={(name) => set({ name })}
            onSuggestion={(suggestion) => {
              onChange((before) => ({ ...before, ruc: suggestion, ...emptied(before, filled.current) }));
              void consult(suggestion, { type: chosenType });
            }}
            existing={
              current.found.existingCustomer && current.found.existingCustomer.id !== editing
                ? current.found.existingCustomer
                : null
            }
            onUseExisting={onUseExisting}
          />
        )}
      </div>
    </>
  );
}

/** The right values, where a refusal knows them. */
function Expected({
  errors,
  onRuc,
  onDv,
}: {
  errors: CustomerFormProps["errors"];
  onRuc: (ruc: string) => void;
  onDv: (dv: string) => void;
}) {
  const t = useMessages(customers);
  const offers = errors.flatMap(({ path, code, expected }) => {
    const use = code === "INVALID_RUC" ? onRuc : code === "DV_MISMATCH" ? onDv : undefined;
    return use && path.length === 1 ? (expected ?? []).map((value) => ({ value, use })) : [];
  });
  if (!offers.length) return null;
  return (
    <div className="wide lookup-line">
      {offers.map(({ value, use }) => (
        <Button key={value} onClick={() => use(value)}>
          {t.use(value)}
        </Button>
      ))}
    </div>
  );
}

/** What Consultar found, in words, and what one can do with it. */
function Outcome({
  found,
  name,
  onName,
  onSuggestion,
  existing,
  onUseExisting,
}: {
  found: Lookup;
  name: string;
  onName: (name: string) => void;
  onSuggestion: (ruc: string) => void;
  existing: Lookup["existingCustomer"];
  onUseExisting: ((id: string) => void) | undefined;
}) {
  const t = useMessages(customers);
  const formats = useFormats();
  const lines: ReactNode[] = [];
  if (found.status === "FOUND") lines.push(<strong key="name">{found.name ?? t.found}</strong>);
  if (found.status === "NOT_FOUND") lines.push(<span key="none">{t.notRegistered}</span>);
  if (found.status === "INVALID") lines.push(<span key="invalid">{t.invalidRuc}</span>);
  if (found.status === "UNAVAILABLE") {
    lines.push(
      <span key="down">
        {found.source === "CACHE" && found.asOf
          ? t.lookupDownStale(formats.moment(found.asOf))
          : t.lookupDown}
      </span>,
    );
  }
  const differs = found.name && name.trim() && found.name !== name.trim() ? found.name : null;
  return (
    <Notice kind={found.status === "FOUND" ? "success" : "warning"}>
      <p className="lookup-line">
        {lines}
        {found.status === "FOUND" && found.electronicInvoicing && <Badge>{t.affiliated}</Badge>}
        {found.sandbox && found.source !== "COMPUTED" && <Badge>{t.sandbox}</Badge>}
      </p>
      {differs && (
        <p className="lookup-line">
          {t.nameDiffers(differs)} <Button onClick={() => onName(differs)}>{t.useRegistryName}</Button>
        </p>
      )}
      {found.suggestions.length > 0 && (
        <div className="lookup-line">
          <span>{t.didYouMean}</span>
          {found.suggestions.map((suggestion) => (
            <Button key={suggestion} onClick={() => onSuggestion(suggestion)}>
              {suggestion}
            </Button>
          ))}
        </div>
      )}
      {existing && (
        <p className="lookup-line">
          {t.alreadyThere(existing.name)}{" "}
          <ExistingLink id={existing.id} text={t.useExisting} onUseExisting={onUseExisting} />
        </p>
      )}
    </Notice>
  );
}
