// The import map's names lead to the portal's own browser modules, other bare names to the peers' node_modules.
const FOLDERS = { vendor: "vendor", editor: "js/editor", lib: "js/lib" }
const STATIC = new URL("../../../portal/static/", import.meta.url)
const PEERS = new URL("../../.peers/node/package.json", import.meta.url).href

export async function resolve(specifier, context, next) {
  const [folder, ...rest] = specifier.split("/")
  if (folder in FOLDERS && rest.length) {
    const url = new URL(`${FOLDERS[folder]}/${rest.join("/")}.js`, STATIC).href
    return { url, format: "module", shortCircuit: true }
  }
  const isOurs = !context.parentURL?.includes("/node_modules/") && !/^(node:|file:|\.|\/)/.test(specifier)
  return next(specifier, isOurs ? { ...context, parentURL: PEERS } : context)
}
