import "./lines.css";
import {
  type ClipboardEvent,
  type Dispatch,
  type KeyboardEvent,
  memo,
  type SetStateAction,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Button } from "@/components/Button";
import { SelectField, TextField } from "@/components/Field";
import type { ItbmsRate } from "@/graphql";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { computeInvoice } from "@/money/invoice";
import { CpbsField, UnitField } from "./CatalogueField";
import { DescriptionField, type Suggestion } from "./DescriptionField";
import {
  codesOf,
  emptyLine,
  type FormLine,
  isBlank,
  isDetailed,
  type NumberField as NumberFieldName,
} from "./form";
import { NumberField } from "./NumberField";
import { holdsRows, toLines } from "./paste";

const RATES: ItbmsRate[] = ["RATE_7", "RATE_10", "RATE_15", "EXEMPT"];
const NO_REFUSALS: Refusals = [];
const DETAILS = ["code", "unit", "cpbs"];

/**
 * The lines of an invoice. Enter adds one below, Alt with an arrow moves one, and the focus follows. Rows pasted from a
 * spreadsheet become lines.
 */
export function Lines({
  lines,
  onChange,
  onEdited,
  customerId,
  needsCpbs,
  refusals,
}: {
  lines: FormLine[];
  onChange: Dispatch<SetStateAction<FormLine[]>>;
  /** Called when a field is edited, whose refusals no longer hold. */
  onEdited: (key: string, field: string) => void;
  /** The customer, if it exists already, whose earlier lines are suggested. */
  customerId: string | undefined;
  /** Whether each line must have its class of goods or services. */
  needsCpbs: boolean;
  /** By the lines' keys: [key, "quantity"]. */
  refusals: Refusals;
}) {
  const t = useMessages(invoices);
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<{ key: string; button?: string | undefined }>();
  const [announcement, setAnnouncement] = useState("");
  const [isUnfolded, setUnfolded] = useState(false);
  const amounts = useMemo(() => computeInvoice(lines).lines, [lines]);
  const ofLine = useMemo(() => Map.groupBy(refusals, ({ path }) => path[0] ?? ""), [refusals]);

  // A line that was added or moved can take the focus only once it is in its place.
  useEffect(() => {
    if (!focus) return;
    const line = list.current?.querySelector(`[data-line="${focus.key}"]`);
    const button = focus.button && line?.querySelector<HTMLElement>(`[data-move="${focus.button}"]:enabled`);
    (button || line?.querySelector("input"))?.focus();
  }, [focus]);

  const actions = useMemo(
    () => ({
      set: <Name extends keyof FormLine>(key: string, field: Name, value: FormLine[Name]) => {
        onChange((before) => before.map((line) => (line.key === key ? { ...line, [field]: value } : line)));
        onEdited(key, field);
      },
      fill: (key: string, suggestion: Suggestion) => {
        const { description, unitPrice, discount, itbmsRate } = suggestion;
        onChange((before) =>
          before.map((line) => {
            if (line.key !== key) return line;
            const amounts = { unitPrice, discount: discount === "0" ? "" : discount };
            const codes = codesOf(suggestion);
            return { ...line, description, itbmsRate, ...codes, ...(!line.unitPrice.trim() && amounts) };
          }),
        );
        for (const field of ["description", "unitPrice", "discount", "code", "unit", "cpbs"])
          onEdited(key, field);
      },
      add: (after: number, like?: FormLine) => {
        const line = emptyLine(like?.itbmsRate);
        onChange((before) => before.toSpliced(after + 1, 0, line));
        setFocus({ key: line.key });
      },
      remove: (key: string, index: number, neighbour?: string) => {
        onChange((before) => before.filter((line) => line.key !== key));
        if (neighbour) setFocus({ key: neighbour });
        setAnnouncement(t.lineRemoved(index + 1));
      },
      paste: (key: string, text: string) => {
        const lines = toLines(text, emptyLine().itbmsRate);
        const last = lines.at(-1);
        if (!last) return;
        onChange((before) => {
          const place = before.findIndex((line) => line.key === key);
          const line = before[place];
          // A line without anything is what the rows are pasted into; others stay above them.
          return line && isBlank(line)
            ? before.toSpliced(place, 1, ...lines)
            : before.toSpliced(place + 1, 0, ...lines);
        });
        setFocus({ key: last.key });
        setAnnouncement(t.linesPasted(lines.length));
      },
      move: (key: string, from: number, to: number, button?: string) => {
        onChange((before) => {
          const line = before[from];
          return line ? before.toSpliced(from, 1).toSpliced(to, 0, line) : before;
        });
        setFocus({ key, button });
        setAnnouncement(t.lineMoved(to + 1));
      },
    }),
    [onChange, onEdited, t],
  );

  const error = messageAt(refusals);
  const mustUnfold =
    needsCpbs || lines.some(isDetailed) || refusals.some(({ path }) => DETAILS.includes(path[1] ?? ""));
  const showsDetails = isUnfolded || mustUnfold;
  return (
    <div className="lines">
      <ol ref={list} className="lines-list">
        {lines.map((line, index) => (
          <Line
            key={line.key}
            line={line}
            index={index}
            count={lines.length}
            neighbour={(lines[index + 1] ?? lines[index - 1])?.key}
            net={amounts[index]?.net}
            customerId={customerId}
            showsDetails={showsDetails}
            needsCpbs={needsCpbs}
            refusals={ofLine.get(line.key) ?? NO_REFUSALS}
            actions={actions}
          />
        ))}
      </ol>
      {error && (
        <p className="field-error" data-refusals tabIndex={-1}>
          {error}
        </p>
      )}
      <div className="lines-end">
        <Button onClick={() => actions.add(lines.length - 1, lines.at(-1))}>+ {t.addLine}</Button>
        {!mustUnfold && (
          <Button kind="quiet" aria-expanded={isUnfolded} onClick={() => setUnfolded(!isUnfolded)}>
            {isUnfolded ? t.hideLineDetails : t.showLineDetails}
          </Button>
        )}
        <p className="muted small">
          {t.pasteHint} <span className="keys-hint">{t.keysHint}</span>
        </p>
      </div>
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
    </div>
  );
}

interface Actions {
  set: <Name extends keyof FormLine>(key: string, field: Name, value: FormLine[Name]) => void;
  fill: (key: string, suggestion: Suggestion) => void;
  add: (after: number, like?: FormLine) => void;
  remove: (key: string, index: number, neighbour?: string) => void;
  paste: (key: string, text: string) => void;
  move: (key: string, from: number, to: number, button?: string) => void;
}

/** Memoized: an invoice may have a thousand lines, and each key press renders them. */
const Line = memo(function Line({
  line,
  index,
  count,
  neighbour,
  net,
  customerId,
  showsDetails,
  needsCpbs,
  refusals,
  actions,
}: {
  line: FormLine;
  index: number;
  count: number;
  neighbour: string | undefined;
  net: string | undefined;
  customerId: string | undefined;
  showsDetails: boolean;
  needsCpbs: boolean;
  refusals: Refusals;
  actions: Actions;
}) {
  const t = useMessages(invoices);
  const format = useFormats();
  const place = index + 1;
  const field = <Name extends keyof FormLine>(name: Name) => ({
    value: line[name],
    error: messageAt(refusals, line.key, name),
    onChange: (value: FormLine[Name]) => actions.set(line.key, name, value),
    autoComplete: "off",
  });

  function onKeyDown(event: KeyboardEvent) {
    if (!(event.target instanceof HTMLInputElement) || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      actions.add(index, line);
    } else if (event.altKey && event.key === "ArrowUp" && index > 0) {
      event.preventDefault();
      actions.move(line.key, index, index - 1);
    } else if (event.altKey && event.key === "ArrowDown" && place < count) {
      event.preventDefault();
      actions.move(line.key, index, index + 1);
    }
  }

  function onPaste(event: ClipboardEvent) {
    if (!holdsRows(event.clipboardData)) return;
    event.preventDefault();
    actions.paste(line.key, event.clipboardData.getData("text/plain"));
  }

  const number = (name: NumberFieldName) => ({ ...field(name), line, name });

  return (
    // Keys and rows come from the fields of the line.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className="line"
      data-line={line.key}
      aria-label={t.line(place)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    >
      <p className="line-place" aria-hidden="true">
        {place}
      </p>
      <div className="line-description">
        <DescriptionField
          value={line.description}
          error={messageAt(refusals, line.key, "description") ?? messageAt(refusals, line.key)}
          customerId={customerId}
          onChange={(typed) => actions.set(line.key, "description", typed)}
          onChoose={(suggestion) => actions.fill(line.key, suggestion)}
        />
      </div>
      <NumberField label={t.quantity} required {...number("quantity")} />
      <NumberField label={t.unitPrice} required {...number("unitPrice")} />
      <NumberField label={t.discount} placeholder="0.00" {...number("discount")} />
      <SelectField
        label={t.itbms}
        {...field("itbmsRate")}
        value={line.itbmsRate}
        options={RATES.map((rate) => [rate, t.rates[rate]] as const)}
      />
      <div className="line-net">
        <span className="line-net-label">{t.net}</span>
        <output className="numeric">{net ? format.amount(net) : "—"}</output>
      </div>
      <div className="line-actions">
        <Button
          kind="quiet"
          aria-label={t.moveUp(place)}
          data-move="up"
          disabled={index === 0}
          onClick={() => actions.move(line.key, index, index - 1, "up")}
        >
          ↑
        </Button>
        <Button
          kind="quiet"
          aria-label={t.moveDown(place)}
          data-move="down"
          disabled={place === count}
          onClick={() => actions.move(line.key, index, index + 1, "down")}
        >
          ↓
        </Button>
        <Button
          kind="quiet"
          aria-label={t.removeLine(place)}
          disabled={count === 1}
          onClick={() => actions.remove(line.key, index, neighbour)}
        >
          ✕
        </Button>
      </div>
      {showsDetails && (
        <div className="line-details">
          <TextField label={t.ownCode} maxLength={20} {...field("code")} />
          <UnitField {...field("unit")} />
          <CpbsField
            required={needsCpbs}
            description={line.description}
            customerId={customerId}
            {...field("cpbs")}
          />
        </div>
      )}
    </li>
  );
});
