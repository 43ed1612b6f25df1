// Watches by a subscription given as argument, and writes what it is told, each a line of JSON.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { ISTMO_URL, ISTMO_KEY } = process.env;
const say = (message) => console.log(JSON.stringify(message));

const client = createClient({
  url: `${ISTMO_URL.replace(/^http/, "ws")}/graphql`,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: { Authorization: `Bearer ${ISTMO_KEY}` },
  on: { connected: () => say({ connected: true }) },
});

try {
  for await (const { data } of client.iterate({ query: process.argv[2] })) say(data);
} catch (error) {
  say({ closed: error.code, reason: error.reason });
}
