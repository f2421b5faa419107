import { register } from "node:module"

register("./names.mjs", import.meta.url)
