// The bare names of the import map, as in tests/js, with two differences: "?tab=x" makes a copy of a module for one
// tab (in a browser every tab has its own), and Socket.IO's client is the one for Node, with this tab's cookies.
import { resolve as named } from "../../js/names.mjs"

const PACKAGES = new URL("../../../frontend/package.json", import.meta.url).href
const OURS = /^(editor|lib|vendor)\//

export async function resolve(specifier, context, next) {
  const [name, query] = specifier.split("?")
  const tab = query ?? new URL(context.parentURL ?? "file:///").searchParams.get("tab")
  if (name === "vendor/socket.io") return { url: new URL(`wire.mjs?tab=${tab}`, import.meta.url).href, shortCircuit: true }
  if (name === "socket.io-client" || name === "engine.io-client") return next(name, { ...context, parentURL: PACKAGES })
  if (!OURS.test(name) || !query) return named(specifier, context, next)
  const found = await named(name, context, next)
  return { ...found, url: `${found.url}?${query}` }
}
