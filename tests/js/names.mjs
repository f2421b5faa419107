const FOLDERS = { vendor: "vendor", editor: "js/editor", lib: "js/lib", controllers: "js/controllers" }
const STATIC = new URL("../../portal/static/", import.meta.url)

export async function resolve(specifier, context, next) {
  const [folder, ...rest] = specifier.split("/")
  if (!(folder in FOLDERS) || !rest.length) return next(specifier, context)
  const url = new URL(`${FOLDERS[folder]}/${rest.join("/")}.js`, STATIC).href
  return { url, format: "module", shortCircuit: true }
}
