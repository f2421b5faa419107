// What the page's head says about its reader (templates/components/_reader.html), and small messages to the server.
const said = (name) => document.head.querySelector(`meta[name=${name}]`)?.content

// The id of who is signed in, as text; undefined for nobody.
export const person = () => said("person")

export const isOwnDevice = () => said("own-device") === "true"

// The time zone confirmed in the account; undefined without one.
export const confirmedZone = () => said("reader-zone")

// When the server made the page, as text; undefined where nobody is signed in.
export const madeAt = () => said("page-at")

export const csrfToken = () => said("csrf-token")

// True when the server took it. It also arrives when the person leaves the page meanwhile.
export async function post(url, body) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch", Accept: "application/json" },
      keepalive: true
    })
    return answer.ok
  } catch {
    return false
  }
}
