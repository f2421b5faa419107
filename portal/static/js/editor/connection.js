// The connection under one shared document, which other documents share: what is said and heard on it, and whether
// it still answers.
export const SLOW_AFTER = 6000 // ms without an answer or `saved`: the line is taken for dead and made anew

export class Connection {
  /** `socket` is the `/doc` namespace; `handlers` are called with the messages of this document, by their names. */
  constructor({ documentId, socket, handlers }) {
    Object.assign(this, { documentId, socket, handlers })
    this.sentAt = null // since when an edit waits for its `saved`
  }

  get isConnected() {
    return this.socket.connected
  }

  get isSilent() {
    return Boolean(this.sentAt) && Date.now() - this.sentAt > SLOW_AFTER
  }

  start({ connect, disconnect, connect_error: refused }) {
    this.listeners = { connect, disconnect, connect_error: refused }
    for (const [event, handler] of Object.entries(this.handlers)) {
      this.listeners[event] = (message) => message?.d === this.documentId && handler(message)
    }
    for (const [event, listener] of Object.entries(this.listeners)) this.socket.on(event, listener)
  }

  stop() {
    for (const [event, listener] of Object.entries(this.listeners ?? {})) this.socket.off(event, listener)
  }

  /** Say it and wait for no answer. */
  say(event, message = {}) {
    this.socket.emit(event, { d: this.documentId, ...message })
  }

  sendEdit({ n, update }) {
    this.sentAt ??= Date.now()
    this.say("edit", { n, update })
  }

  /** Ask and wait at most `patience` ms for the answer, then raise. */
  ask(event, question, patience) {
    return this.socket.timeout(patience).emitWithAck(event, { d: this.documentId, ...question })
  }

  /** Ends the connection at once; the manager makes another by itself. */
  renew() {
    const transport = this.socket.io?.engine?.transport
    // The transport and not the engine, which waits for what it still has to send: on a dead line that is for long.
    if (transport) transport.close()
    else this.socket.disconnect().connect()
  }
}
