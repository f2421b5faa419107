// y-websocket's server as it is: it reads HOST, PORT and YPERSISTENCE itself.
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"

const require = createRequire(new URL("../../.peers/node/package.json", import.meta.url))
const folder = dirname(require.resolve("@y/websocket-server/package.json"))
await import(pathToFileURL(join(folder, "src/server.js")).href)
