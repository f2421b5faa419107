// Lets node resolve the bare names of the import map: "editor/text", "lib/times", "vendor/editor".
import { register } from "node:module"

register("./names.mjs", import.meta.url)
