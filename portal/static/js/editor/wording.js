// Sentences come from the template, in the page's language: "Offline: {count} changes kept on this device".
const language = () => document.documentElement.lang || "en"

export const number = (value) => value.toLocaleString(language())

/** A sentence of the template's words; one with plural forms is {one, other, ...} and is picked by `values.count`. */
export function say(words, name, values = {}) {
  const forms = words[name]
  const sentence = typeof forms === "string" ? forms : pick(forms, values.count)
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? shown(values[key]) : whole))
}

const shown = (value) => (typeof value === "number" ? number(value) : value)

const pick = (forms, count) => forms[new Intl.PluralRules(language()).select(count)] ?? forms.other
