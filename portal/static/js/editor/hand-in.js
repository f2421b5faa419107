// Sends words that came too late for the text to the server, for an editor of it to decide about: the contract stands
// in portal/collab/protocol.py.
import { frame } from "editor/framing"
import { csrfToken } from "lib/page"

// Why an edit was not taken, where the server takes it as words: the right was lost, the text frozen or set back.
const TOO_LATE = new Set(["read_only", "not_found", "forbidden", "locked", "reset"])

/** Whether it may be handed in at all; who can write puts it into the text instead. */
export const isForOthers = ({ code, updates }) => TOO_LATE.has(code) && updates.length > 0

/** {ok: true, message, url} or {ok: false, message}; `message` is undefined when the server was not reached. */
export async function handIn(documentId, { epoch, base, updates }) {
  const address = `/documents/${documentId}/rescues?epoch=${epoch}&base_seq=${base}`
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/octet-stream",
    "X-CSRFToken": csrfToken() ?? "",
    "X-Requested-With": "fetch",
  }
  try {
    const answer = await fetch(address, { method: "POST", headers, body: frame(updates), redirect: "error" })
    const { ok, message, url, error } = await answer.json()
    return { ok: answer.ok && ok === true, message: message ?? error?.message, url }
  } catch {
    return { ok: false } // no line, or a page in place of an answer: the words stay here
  }
}
