import { expect, test } from "vitest";
import { isSending, reasonOf, waitsUntilTomorrow } from "./delivery";

const now = new Date("2026-11-27T18:00:00Z");
const mail = { status: "PENDING", attempts: 0, error: "why it waits", nextAttemptAt: "2026-11-28T05:00:00Z" };

test("a mail above the day's limit waits for Panama's midnight", () => {
  expect(waitsUntilTomorrow(mail, now)).toBe(true);
  expect(isSending(mail, now)).toBe(false);
});

test("a mail that waits for the authorised XML is about to be sent", () => {
  const waiting = { ...mail, nextAttemptAt: "2026-11-27T18:00:02Z" };
  expect(waitsUntilTomorrow(waiting, now)).toBe(false);
  expect(isSending(waiting, now)).toBe(true);
});

test("a mail that was tried, or has arrived, waits for no other day", () => {
  for (const other of [{ attempts: 1 }, { status: "DELIVERED", nextAttemptAt: null }, { error: null }]) {
    expect(waitsUntilTomorrow({ ...mail, ...other }, now)).toBe(false);
  }
  expect(isSending({ ...mail, status: "DELIVERED", nextAttemptAt: null }, now)).toBe(false);
});

test("why a mail wasn't sent is read from the mail server's answer", () => {
  expect(reasonOf({ error: null })).toBeUndefined();
  expect(reasonOf({ error: "550 5.1.1 No such user" })).toBe("address");
  expect(reasonOf({ error: "the address is not valid" })).toBe("address");
  expect(reasonOf({ error: "451 4.7.1 Greylisted" })).toBe("later");
  expect(reasonOf({ error: "the mail server was too slow" })).toBe("server");
  expect(reasonOf({ error: "unexpected failure: KeyError" })).toBe("unknown");
});
