// Tries again what a line that broke for a moment, or a server that was being renewed, did not give: after one, three
// and nine seconds. Then it throws what the last try threw.
const PAUSES = [ 1000, 3000, 9000 ]

export async function patiently(attempt) {
  for (const pause of PAUSES) {
    try {
      return await attempt()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return attempt()
}
