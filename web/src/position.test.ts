import { beforeEach, expect, test, vi } from "vitest";
import { fetchInOrder, forgetPosition, newerPosition } from "@/position";

const page = {
  jar: "",
  get cookie() {
    return this.jar;
  },
  set cookie(given: string) {
    this.jar = given.includes("Max-Age=0") ? "" : (given.split(";")[0] ?? "");
  },
};
let answers: (() => Promise<Response> | Response)[] = [];

beforeEach(() => {
  page.jar = "";
  answers = [];
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", { location: { protocol: "http:" } });
  vi.stubGlobal("fetch", () => answers.shift()?.());
});

function kept(): string | undefined {
  return /istmo_position=([^;]*)/.exec(page.cookie)?.[1];
}

function told(position: string | null, status = 200): Response {
  return new Response("{}", { status, headers: position === null ? {} : { "Istmo-Position": position } });
}

async function ask(response: Response, path = "/graphql"): Promise<void> {
  answers = [() => response];
  await fetchInOrder(path);
}

test("the newer of two positions is larger behind the last dot", () => {
  expect(newerPosition("7.1.99", "7.1.100")).toBe("7.1.100");
  expect(newerPosition("7.1.100", "7.1.99")).toBe("7.1.100");
  expect(
    newerPosition("7577381530812463133.1.9007199254740993", "7577381530812463133.1.9007199254740992"),
  ).toBe("7577381530812463133.1.9007199254740993");
});

test("a position of another database or timeline, or none, gives way to what was told last", () => {
  expect(newerPosition("8.1.100", "7.1.99")).toBe("7.1.99");
  expect(newerPosition("7.1.100", "7.2.99")).toBe("7.2.99");
  expect(newerPosition("unknown", "7.1.99")).toBe("7.1.99");
  expect(newerPosition("7.1.99", "unknown")).toBe("unknown");
  expect(newerPosition("7.1.x", "7.1.1")).toBe("7.1.1");
});

test("where no position is told none is kept", async () => {
  await ask(told(null));
  await ask(told(null, 503));
  expect(page.cookie).toBe("");
});

test("what the service tells is kept, but not an older one that comes later", async () => {
  await ask(told("7.1.100"));
  await ask(told("7.1.99"));
  await ask(told(null)); // a query that the standby has answered
  expect(kept()).toBe("7.1.100");
});

test.each([
  ["an upload", told(null), "/imports"],
  ["a request that fails", told(null, 503), "/graphql"],
])("%s that tells no position makes the browser forget its own", async (_, response, path) => {
  await ask(told("7.1.100"));
  await ask(response, path);
  expect(kept()).toBeUndefined();
});

test("a request without an answer makes the browser forget its position", async () => {
  await ask(told("7.1.100"));
  answers = [() => Promise.reject(new TypeError("no network"))];
  await expect(fetchInOrder("/graphql")).rejects.toThrow("no network");
  expect(kept()).toBeUndefined();
});

test("the answer to a request from before a live event doesn't bring its position back", async () => {
  await ask(told("7.1.100"));
  let answer: (response: Response) => void = () => undefined;
  answers = [() => new Promise((resolve) => (answer = resolve))];
  const asking = fetchInOrder("/graphql");
  forgetPosition();
  answer(told("7.1.101"));
  await asking;
  expect(kept()).toBeUndefined();
});
