// A refresh must not empty what somebody is typing: fields that differ from what the server sent are left alone,
// until their form is sent.
const FIELDS = "input, textarea, select"

export function keepUnsavedFields(root) {
  root.addEventListener("turbo:before-morph-element", (event) => {
    if (isUnsaved(event.target)) event.preventDefault()
  })
}

export function isUnsaved(element) {
  if (!element.matches?.(FIELDS)) return false
  if (element.localName === "select") return [ ...element.options ].some((o) => o.selected !== o.defaultSelected)
  if (element.type === "checkbox" || element.type === "radio") return element.checked !== element.defaultChecked
  if (element.type === "hidden" || element.type === "submit") return false
  return element === element.ownerDocument.activeElement || element.value !== element.defaultValue
}
