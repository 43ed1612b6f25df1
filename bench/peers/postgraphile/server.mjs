// A peer: PostGraphile 5 with its recommended preset, without keys or row-level security.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      pool: undefined,
      poolConfig: { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER,
        password: process.env.PGPASSWORD, database: process.env.PGDATABASE, max: 10 },
      schemas: ["public"],
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
});
await pgl.getSchema();
const serv = pgl.createServ(grafserv);
const server = createServer();
await serv.addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
