// Bundles the entry files beside this one into a folder (first argument) and writes VENDOR.md there.
// The output depends on this folder only, so that `bin/vendor --check` can compare bytes.
import { build } from "esbuild"
import { readFile, readdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const here = dirname(fileURLToPath(import.meta.url))
const target = process.argv[2]
const entries = ["turbo", "stimulus", "socket.io", "editor"]

async function bundle(name) {
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: [join(here, `${name}.js`)],
    outfile: join(target, `${name}.js`),
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: "/* Made by bin/vendor; versions and licences: VENDOR.md beside this file. */" },
    metafile: true,
    logLevel: "warning",
  })
  return { name, packages: packagesIn(metafile), bytes: await readFile(join(target, `${name}.js`)) }
}

function packagesIn(metafile) {
  const [output] = Object.values(metafile.outputs)
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0)
  const names = used.map(([path]) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
  return [...new Set(names.filter(Boolean))].sort()
}

async function about(name) {
  const folder = join(here, "node_modules", name)
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
  const file = (await readdir(folder)).find((entry) => /licen[cs]e/i.test(entry))
  const text = file ? await readFile(join(folder, file), "utf8") : ""
  const lines = text.match(/^\s*copyright.*\d{4}.*(\n\s+- .*)*/im)?.[0] ?? "no copyright line in the package"
  const copyright = lines.trim().replace(/\s*\n\s+- /g, "; ")
  return { name, version, license, copyright }
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1)

function page(bundles, packages) {
  const lines = [
    "# Third-party modules served to browsers",
    "",
    "Made by `bin/vendor` from `frontend/` and its `package-lock.json`; do not edit. `bin/vendor --check` compares byte by byte.",
    "",
    "| file | kB | kB gzip | holds |",
    "|---|---|---|---|",
    ...bundles.map(({ name, packages: held, bytes }) =>
      `| ${name}.js | ${kilobytes(bytes.length)} | ${kilobytes(gzipSync(bytes, { level: 9 }).length)} | ${held.join(", ")} |`),
    "",
    "| package | version | licence | copyright |",
    "|---|---|---|---|",
    ...packages.map(({ name, version, license, copyright }) => `| ${name} | ${version} | ${license} | ${copyright} |`),
    "",
  ]
  return lines.join("\n")
}

const bundles = []
for (const name of entries) bundles.push(await bundle(name))
const names = [...new Set(bundles.flatMap(({ packages }) => packages))].sort()
const packages = await Promise.all(names.map(about))
const other = packages.filter(({ license }) => license !== "MIT")
if (other.length) throw new Error(`not under the MIT licence: ${other.map(({ name }) => name).join(", ")}`)
const mit = await readFile(join(here, "MIT.txt"), "utf8")
await writeFile(join(target, "VENDOR.md"), `${page(bundles, packages)}\nThe MIT licence, under which every package above is used:\n\n${mit}`)
