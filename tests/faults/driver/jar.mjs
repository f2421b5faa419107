// A browser's cookies for one origin: what signs a person in, and Caddy's choice of a server, which moves.
export class Jar {
  constructor(cookies) {
    this.cookies = new Map(Object.entries(cookies))
  }

  get header() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
  }

  // What Engine.IO's client for Node asks of a jar.

  addCookies(xhr) {
    xhr.setDisableHeaderCheck(true)
    xhr.setRequestHeader("cookie", this.header)
  }

  parseCookies(lines) {
    for (const line of lines ?? []) {
      const [pair] = line.split(";")
      const at = pair.indexOf("=")
      this.cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
    }
  }
}
