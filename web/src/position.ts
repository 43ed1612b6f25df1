/**
 * Up to where this browser must read: the newest position that the service has told (docs/http.md, "Positions").
 *
 * It is a cookie, which all tabs and downloads send. Where there is no standby the service tells none.
 */

const NAME = "istmo_position";
const UNKNOWN = "unknown";
const POSITION = /^(\d+\.\d+)\.(\d+)$/; // the log, and how much of it

let forgotten = 0; // times that this tab has heard of changes that its position may not cover

function readPosition(): string | undefined {
  return new RegExp(`(?:^|; )${NAME}=([^;]*)`).exec(document.cookie)?.[1];
}

function keepPosition(position: string): void {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  const end = position === UNKNOWN ? "; Max-Age=0" : "";
  document.cookie = `${NAME}=${position}; Path=/; SameSite=Strict${secure}${end}`;
}

/** Has the next queries answered by the primary, and the first of them told a position. */
export function forgetPosition(): void {
  forgotten += 1;
  if (readPosition() !== undefined) keepPosition(UNKNOWN);
}

/** The newer of two positions; of different logs the one that was told last. */
export function newerPosition(kept: string, told: string): string {
  const [, log, written] = POSITION.exec(kept) ?? [];
  const [, toldLog, toldWritten] = POSITION.exec(told) ?? [];
  if (written === undefined || toldWritten === undefined || log !== toldLog) return told;
  return BigInt(written) > BigInt(toldWritten) ? kept : told;
}

/** `fetch` that keeps the position of the response. A change whose position isn't told is read from the primary. */
export const fetchInOrder: typeof fetch = async (input, init) => {
  const before = forgotten;
  let response: Response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    forgetPosition();
    throw error;
  }
  const told = response.headers.get("Istmo-Position");
  if (told === null) {
    if (!response.ok || input !== "/graphql") forgetPosition();
  } else if (before === forgotten) {
    keepPosition(newerPosition(readPosition() ?? UNKNOWN, told));
  }
  return response;
};
