import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useClient } from "urql";
import { Button } from "@/components/Button";
import { Field, TextField } from "@/components/Field";
import { Notice } from "@/components/states";
import { graphql } from "@/graphql";
import { messageAt, useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { Duplicate } from "./ExistingCustomer";
import { LookupResult } from "./LookupResult";
import { type CustomerFormValue, type CustomerInputProps, chosenTaxpayerType, type Lookup } from "./values";

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

/** The fields that a look-up fills in. */
type Filled = Partial<Pick<CustomerFormValue, "dv" | "taxpayerType" | "name">>;

/** The values that the registry has and the form lacks; typed values stay. */
function findMissing(value: CustomerFormValue, found: Lookup): Filled {
  return {
    ...(found.dv && !value.dv.trim() && { dv: found.dv }),
    ...(found.taxpayerType && !value.taxpayerType && { taxpayerType: found.taxpayerType }),
    ...(found.name && !value.name.trim() && { name: found.name }),
  };
}

/** Empties the fields that a look-up filled in and nobody has changed since: they belong to the RUC before. */
function clearFilled(value: CustomerFormValue, filled: Filled): Filled {
  const names = Object.keys(filled) as (keyof Filled)[];
  return Object.fromEntries(names.filter((name) => value[name] === filled[name]).map((name) => [name, ""]));
}

/** RUC and DV with the button Consultar, which looks the RUC up in the registry of the DGI. */
export function RucFields({
  rule,
  rules,
  value,
  onChange,
  set,
  refusals,
  onUseExisting,
  onLookup,
  looksUpAtOnce,
  editedId,
}: CustomerInputProps) {
  const t = useMessages(customers);
  const errorText = useErrorText();
  const client = useClient();
  const [lookup, setLookup] = useState<{ ruc: string; found?: Lookup; problem?: string }>();
  const filled = useRef<Filled>({});
  const [busy, setBusy] = useState(false);
  const resultId = useId();
  const dvRule = rules.get("dv");
  const taxpayerType = chosenTaxpayerType(value, rules);

  async function lookUp(ruc: string, dv: string) {
    if (!ruc.trim()) {
      setLookup({ ruc, problem: t.typeRucFirst });
      return;
    }
    setBusy(true);
    const { data, error } = await client.query(
      RUC_LOOKUP,
      { ruc, dv: dv.trim() || null, taxpayerType: taxpayerType || null },
      { requestPolicy: "network-only" },
    );
    setBusy(false);
    if (!data) {
      setLookup({ ruc, problem: error ? errorText(error) : t.lookupFailed });
      return;
    }
    const found = data.lookupRuc;
    const isValid = found.status !== "INVALID";
    onChange((before) => {
      if (!isValid || before.ruc !== ruc) return before;
      filled.current = findMissing(before, found);
      return { ...before, ruc: found.ruc ?? before.ruc, ...filled.current };
    });
    setLookup({ ruc: (isValid && found.ruc) || ruc, found });
    onLookup?.(found);
  }

  const begun = useRef(false);
  useEffect(() => {
    if (!looksUpAtOnce || begun.current) return;
    begun.current = true;
    void lookUp(value.ruc, value.dv);
  });

  function setRuc(ruc: string) {
    onChange((before) => ({ ...before, ruc, ...clearFilled(before, filled.current) }));
  }

  const current = lookup?.ruc === value.ruc ? lookup : undefined;

  /** Enter looks the RUC up; once that is done, it sends the form. */
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || current || !value.ruc.trim()) return;
    event.preventDefault();
    if (!busy) void lookUp(value.ruc, value.dv);
  }
  return (
    <>
      <div className="ruc-row wide">
        <Field
          label={rule.label}
          required={rule.required}
          error={messageAt(refusals, "ruc")}
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
                maxLength={rule.maxLength ?? undefined}
                value={value.ruc}
                onChange={(event) => setRuc(event.target.value)}
                onKeyDown={onKeyDown}
              />
              <Button
                className="look-up"
                busy={busy}
                aria-describedby={resultId}
                onClick={() => lookUp(value.ruc, value.dv)}
              >
                {busy ? t.lookingUp : t.lookUp}
              </Button>
            </div>
          )}
        </Field>
        {dvRule && !dvRule.forbidden && (
          <TextField
            label={dvRule.label}
            required={dvRule.required}
            error={messageAt(refusals, "dv")}
            hint={t.dvHint}
            className="input"
            inputMode="numeric"
            autoComplete="off"
            maxLength={dvRule.maxLength ?? undefined}
            value={value.dv}
            onChange={(dv) => set({ dv })}
          />
        )}
      </div>
      <ExpectedValues refusals={refusals} set={set} />
      <div className="wide lookup" role="status" id={resultId}>
        {current?.problem && <Notice kind="warning">{current.problem}</Notice>}
        {current?.found && (
          <LookupResult
            found={current.found}
            value={value}
            set={set}
            editedId={editedId}
            onSuggestion={(suggestion) => {
              setRuc(suggestion);
              void lookUp(suggestion, "");
            }}
            onUseExisting={onUseExisting}
          />
        )}
      </div>
      <Duplicate refusals={refusals} onUseExisting={onUseExisting} />
    </>
  );
}

/** Buttons that correct the RUC or the DV, where a refusal says what was expected. */
function ExpectedValues({ refusals, set }: Pick<CustomerInputProps, "refusals" | "set">) {
  const t = useMessages(customers);
  const corrections = refusals.flatMap(({ path, code, expected }) => {
    const name = code === "INVALID_RUC" ? "ruc" : code === "DV_MISMATCH" ? "dv" : null;
    return name && path.length === 1 ? (expected ?? []).map((text) => ({ name, text })) : [];
  });
  if (!corrections.length) return null;
  return (
    <div className={corrections[0]?.name === "dv" ? "wide lookup-line of-dv" : "wide lookup-line"}>
      {corrections.map(({ name, text }) => (
        <Button key={text} onClick={() => set({ [name]: text })}>
          {t.use(text)}
        </Button>
      ))}
    </div>
  );
}
