// How far a page knows a stream: every fragment up to `seq` under `generation`, and some beyond a hole.
export class Place {
  #beyond = new Set()

  constructor(generation = null, seq = null) {
    Object.assign(this, { generation, seq })
  }

  get isKnown() {
    return this.generation !== null
  }

  get hasHole() {
    return this.#beyond.size > 0
  }

  // Notes a fragment; false when the page has it already. One without a number (no Redis) is always new.
  take(generation, seq) {
    if (seq === null) return true
    if (generation !== this.generation) this.#start(generation, seq - 1)
    if (seq <= this.seq || this.#beyond.has(seq)) return false
    this.#beyond.add(seq)
    this.#close()
    return true
  }

  // The server's word: everything up to `seq` is known now, or will be when the page was read anew.
  adopt(generation, seq) {
    if (generation !== this.generation) return this.#start(generation, seq)
    this.seq = Math.max(this.seq, seq)
    this.#close()
  }

  #start(generation, seq) {
    Object.assign(this, { generation, seq })
    this.#beyond.clear()
  }

  #close() {
    for (const seq of this.#beyond) if (seq <= this.seq) this.#beyond.delete(seq)
    while (this.#beyond.delete(this.seq + 1)) this.seq++
  }
}
