import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { createClient as createSocket } from "graphql-ws";
import type { Language } from "@/i18n";
import { signedIn } from "@/session";

// One connection serves all subscriptions. It is tried again however often it breaks.
const socket = createSocket({
  url: `${window.location.origin.replace(/^http/, "ws")}/graphql`,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
});

/** Call `listener` when the connection is back: what happened while it was gone nobody tells. */
export function onReconnected(listener: () => void): () => void {
  return socket.on("connected", (_socket, _payload, wasRetry) => {
    if (wasRetry) listener();
  });
}

export function createClient(language: Language): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: { headers: { "Accept-Language": language } },
    exchanges: [
      cacheExchange,
      authExchange(async () => ({
        addAuthToOperation: (operation) => operation,
        didAuthError: (error) => error.response?.status === 401,
        refreshAuth: signedIn,
      })),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: query ?? "", variables: variables ?? {} }, sink),
          }),
        }),
      }),
    ],
  });
}
