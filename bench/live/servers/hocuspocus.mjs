// Hocuspocus as its documentation sets it up: SQLite storage, Redis between processes. PORT, STORE, REDIS (a socket).
import { Redis } from "@hocuspocus/extension-redis"
import { SQLite } from "@hocuspocus/extension-sqlite"
import { Server } from "@hocuspocus/server"
import RedisClient from "ioredis"

const { PORT, STORE, REDIS } = process.env
const extensions = [new SQLite({ database: STORE })]
if (REDIS) extensions.push(new Redis({ identifier: `process-${PORT}`, createClient: () => new RedisClient(REDIS) }))

await new Server({ port: Number(PORT), address: "127.0.0.1", quiet: true, extensions }).listen()
