import { formatPhone } from "@/i18n/format";

/** Calls the number where a telephone is at hand. */
export function PhoneLink({ number }: { number: string }) {
  return <a href={`tel:${number}`}>{formatPhone(number)}</a>;
}
