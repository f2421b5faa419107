// Other people's carets and selections. Classes, not style attributes: the content security policy refuses those.
// All of it is aria-hidden and not selectable, else a screen reader reads a name in the middle of a sentence.
const NAME_SHOWS_FOR = 3000 // ms; then only a flag stays, which hides no text

/** The builders that y-prosemirror asks for, and `moved(key)`, which shows the name again. */
export function carets() {
  const elements = new Map()
  const timers = new Map()

  function moved(key) {
    const element = elements.get(key)
    if (!element) return
    element.classList.add("fresh")
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(() => element.classList.remove("fresh"), NAME_SHOWS_FOR))
  }

  function cursorBuilder(user, key) {
    const caret = document.createElement("span")
    const name = document.createElement("b")
    caret.className = `caret p${user.hue}`
    caret.setAttribute("aria-hidden", "true")
    name.textContent = user.name
    name.dir = "auto"
    caret.append(name)
    elements.set(key, caret)
    moved(key)
    return caret
  }

  const selectionBuilder = (user) => ({ class: `picked p${user.hue}` })

  return { cursorBuilder, selectionBuilder, moved }
}
