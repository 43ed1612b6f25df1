/** How long something may still be done, in the largest unit that is not yet over. */

const HOUR = 3_600_000;

export type TimeLeft = { unit: "days" | "hours"; count: number } | { unit: "less" } | { unit: "over" };

/** Whole days from two on, whole hours below: "quedan 6 días", "quedan 30 horas". */
export function timeLeft(until: string, now: Date): TimeLeft {
  const left = Date.parse(until) - now.getTime();
  if (left < 0) return { unit: "over" };
  const hours = Math.floor(left / HOUR);
  if (hours >= 48) return { unit: "days", count: Math.floor(hours / 24) };
  return hours === 0 ? { unit: "less" } : { unit: "hours", count: hours };
}
