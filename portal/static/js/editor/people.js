// The avatars of those who write, and how many are here. Names stand as labels; joining is not announced per person.
import { say } from "editor/wording"

function initials(name) {
  const parts = name.trim().split(/\s+/)
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : ""].map((part) => [...part][0] ?? "")
  return letters.join("").toLocaleUpperCase()
}

function avatar({ name, organisation, hue, isMe }, words) {
  const element = document.createElement("span")
  const label = say(words, isMe ? "you_here" : "person_here", { name, organisation })
  element.className = `who p${hue}`
  element.setAttribute("role", "img")
  element.setAttribute("aria-label", label)
  element.title = label
  element.textContent = initials(name)
  return element
}

/** Draw the people into every list of the page that waits for this document's, and the number into `figure`. */
export function showPeople(presence, { lists, figure, words }) {
  const { writers, readers } = presence
  for (const list of lists) list.replaceChildren(...writers.map((person) => avatar(person, words)))
  const here = writers.length + readers
  figure.textContent = here > 1 ? say(words, "here", { count: here }) : ""
}
