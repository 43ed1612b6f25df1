/** What an e-mail that hasn't been sent yet waits for. */

interface Delivery {
  status: string;
  attempts: number;
  error: string | null;
  nextAttemptAt: string | null;
}

export type MailFailure = "address" | "later" | "server" | "unknown";

/** Why it wasn't sent, by the code with which the mail server answered (RFC 5321), where there is one. */
export function reasonOf({ error }: Pick<Delivery, "error">): MailFailure | undefined {
  if (error === null) return undefined;
  if (/^5[0-9]{2} /.test(error) || error === "the address is not valid") return "address";
  if (/^4[0-9]{2} /.test(error)) return "later";
  return error.startsWith("the mail server") ? "server" : "unknown";
}

const HOUR = 3_600_000;

/**
 * Whether it was never tried because the account, or the address, has got as many mails today as it may. What waits for
 * something else, such as the authorised XML, is due within seconds.
 */
export function waitsUntilTomorrow({ status, attempts, error, nextAttemptAt }: Delivery, now: Date): boolean {
  if (status !== "PENDING" || attempts > 0 || error === null || nextAttemptAt === null) return false;
  return dayInPanama(Date.parse(nextAttemptAt)) > dayInPanama(now.getTime());
}

/** Panama is five hours behind UTC all year. */
function dayInPanama(time: number): number {
  return Math.floor((time - 5 * HOUR) / (24 * HOUR));
}

/** Whether it may be sent within seconds. */
export function isSending(delivery: Delivery, now: Date): boolean {
  return delivery.status === "PENDING" && delivery.attempts < 2 && !waitsUntilTomorrow(delivery, now);
}
