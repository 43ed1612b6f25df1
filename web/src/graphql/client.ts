import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { persistedExchange } from "@urql/exchange-persisted";
import type { DocumentNode } from "graphql";
import { createClient as createSocket } from "graphql-ws";
import type { Language } from "@/i18n";
import { fetchInOrder, forgetPosition } from "@/position";
import { waitForSignIn } from "@/session";

type Persisted = DocumentNode & { __meta__: { hash: string } };

const FORBIDDEN = 4403; // the session has ended
const LONGEST_WAIT = 30_000; // milliseconds

// All subscriptions share one connection. It is retried without end.
let isForbidden = false;
const socket = createSocket({
  url: `${window.location.origin.replace(/^http/, "ws")}/graphql`,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: async (retries) => {
    if (isForbidden) return waitForSignIn();
    const wait = Math.min(1000 * 2 ** retries, LONGEST_WAIT) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, wait));
  },
  on: {
    connected: forgetPosition, // what changed in between was not announced
    closed: (event) => {
      isForbidden = (event as CloseEvent).code === FORBIDDEN;
    },
  },
});

/** Calls `listener` whenever a connection is made, since changes before it were not announced. */
export function onConnected(listener: (isFirst: boolean) => void): () => void {
  return socket.on("connected", (_socket, _payload, wasRetry) => listener(!wasRetry));
}

export function createClient(language: Language): Client {
  return new Client({
    url: "/graphql",
    fetch: fetchInOrder,
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: { headers: { "Accept-Language": language } },
    exchanges: [
      cacheExchange,
      authExchange(() =>
        Promise.resolve({
          addAuthToOperation: (operation) => operation,
          didAuthError: (error) => (error.response as Response | undefined)?.status === 401,
          refreshAuth: waitForSignIn,
        }),
      ),
      // Documents are sent as hashes, and as texts to a service that was built without these pages.
      persistedExchange({
        preferGetForPersistedQueries: false,
        enableForMutation: true,
        enableForSubscriptions: true,
        generateHash: (_text, document) => Promise.resolve((document as Persisted).__meta__.hash),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables = {}, extensions = {} }) => ({
          subscribe: (sink) => {
            const next: typeof sink.next = (result) => {
              forgetPosition(); // before anybody reads what has changed
              sink.next(result);
            };
            return { unsubscribe: socket.subscribe({ query, variables, extensions }, { ...sink, next }) };
          },
        }),
      }),
    ],
  });
}
