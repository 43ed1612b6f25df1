import "./form.css";
import { ChoiceField } from "@/components/ChoiceField";
import { TextField } from "@/components/Field";
import { ErrorState, Loading, Notice } from "@/components/states";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { ExistingLink } from "./ExistingLink";
import { ForeignIdFields } from "./ForeignIdFields";
import { LocationField } from "./LocationField";
import { PersonsField } from "./PersonsField";
import { RucFields } from "./RucFields";
import { useCustomerFields } from "./useCustomerFields";
import { useCurrentRefusals } from "./useCurrentRefusals";
import { type CustomerFormValue, taxpayerTypes } from "./values";

export type CustomerFormProps = {
  value: CustomerFormValue;
  onChange: (change: (value: CustomerFormValue) => CustomerFormValue) => void;
  /** With paths as from the customer: `below(userErrors, "newCustomer")`. */
  errors: Refusals;
  /** What to do with a customer that is there already; without it, the form links to their page. */
  onUseExisting?: (id: string) => void;
  /** The customer that is being edited: not a duplicate of itself. */
  editing?: string;
};

/**
 * The fields of a customer, those that `customerForm` has for the types chosen; the form around them and its buttons are
 * the owner's, which sends `toCustomerInput(value, fields)` with the fields of `useCustomerFields(value)`.
 */
export function CustomerForm({
  value,
  onChange,
  errors: refusals,
  onUseExisting,
  editing,
}: CustomerFormProps) {
  const t = useMessages(customers);
  const { fields, error, reload } = useCustomerFields(value);
  const errors = useCurrentRefusals(refusals, value);
  if (!fields) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;

  const set = (change: Partial<CustomerFormValue>) => onChange((before) => ({ ...before, ...change }));
  const types = taxpayerTypes(fields);
  /** What a text field of the form is drawn with; nothing if the form doesn't have it. */
  const text = (name: "name" | "address" | "email" | "phone" | "mobile") => {
    const field = fields.get(name);
    if (!field || field.forbidden) return null;
    return {
      label: field.label,
      required: field.required,
      maxLength: field.maxLength ?? undefined,
      error: messageAt(errors, name),
      value: value[name],
      onChange: (typed: string) => set({ [name]: typed }),
    };
  };
  const has = (name: string) => fields.get(name)?.forbidden === false;
  const name = text("name");
  const address = text("address");
  const email = text("email");
  const phone = text("phone");
  const mobile = text("mobile");
  const typeField = fields.get("taxpayerType");

  return (
    <div className="customer-form">
      <section className="form-grid">
        <div className="wide">
          <ChoiceField
            label={t.receiverType}
            required
            value={value.receiverType}
            onChange={(receiverType) => set({ receiverType })}
            options={(["TAXPAYER", "FINAL_CONSUMER", "GOVERNMENT", "FOREIGN"] as const).map(
              (type) => [type, t.receiverTypes[type]] as const,
            )}
            error={messageAt(errors, "receiverType")}
            hint={t.receiverHints[value.receiverType]}
          />
        </div>
        {typeField && has("taxpayerType") && (
          <div className="wide">
            <ChoiceField
              label={typeField.label}
              required={typeField.required}
              value={types.find((type) => type === value.taxpayerType) ?? ""}
              onChange={(taxpayerType) => set({ taxpayerType })}
              options={[
                ...(typeField.required ? [] : [["", t.byRuc] as const]),
                ...types.map((type) => [type, t.taxpayerTypes[type]] as const),
              ]}
              error={messageAt(errors, "taxpayerType")}
            />
          </div>
        )}
        {has("ruc") && (
          <RucFields
            value={value}
            onChange={onChange}
            fields={fields}
            errors={errors}
            onUseExisting={onUseExisting}
            editing={editing}
          />
        )}
        {has("foreignId") && <ForeignIdFields value={value} onChange={set} fields={fields} errors={errors} />}
        <Duplicate errors={errors} onUseExisting={onUseExisting} />
        {name && <TextField {...name} wide autoComplete="off" />}
      </section>
      <section className="form-grid" aria-labelledby="customer-place">
        <h2 id="customer-place" className="wide">
          {t.placeSection}
        </h2>
        {has("locationCode") && (
          <LocationField
            label={fields.get("locationCode")?.label ?? ""}
            required={fields.get("locationCode")?.required ?? false}
            error={messageAt(errors, "locationCode")}
            value={value.place}
            onChange={(place) => set({ place })}
          />
        )}
        {address && <TextField {...address} wide hint={t.addressHint} autoComplete="off" />}
      </section>
      <section className="form-grid" aria-labelledby="customer-contact">
        <h2 id="customer-contact" className="wide">
          {t.contactSection}
        </h2>
        {email && (
          <TextField {...email} wide type="email" inputMode="email" hint={t.emailHint} autoComplete="off" />
        )}
        {phone && <TextField {...phone} type="tel" hint={t.phoneHint} autoComplete="off" />}
        {mobile && <TextField {...mobile} type="tel" hint={t.mobileHint} autoComplete="off" />}
      </section>
      {has("associatedPersons") && (
        <PersonsField
          label={fields.get("associatedPersons")?.label ?? ""}
          most={fields.get("associatedPersons")?.maxLength ?? undefined}
          value={value.associatedPersons}
          onChange={(associatedPersons) => set({ associatedPersons })}
          errors={errors}
        />
      )}
    </div>
  );
}

/** The customer that stands in the way of storing this one. */
function Duplicate({ errors, onUseExisting }: Pick<CustomerFormProps, "errors" | "onUseExisting">) {
  const t = useMessages(customers);
  const duplicate = errors.find(({ code, relatedId }) => code === "DUPLICATE_CUSTOMER" && relatedId);
  if (!duplicate?.relatedId) return null;
  return (
    <div className="wide">
      <Notice kind="warning">
        <p>{duplicate.message}</p>
        <ExistingLink id={duplicate.relatedId} onUseExisting={onUseExisting} text={t.useExisting} />
      </Notice>
    </div>
  );
}
