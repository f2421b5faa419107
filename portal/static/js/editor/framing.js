// A body of several updates: for each its length as an unsigned 32-bit little-endian number, then its bytes.

/** Bytes as Socket.IO, fetch or a test may hand them over. */
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return new Uint8Array(value ?? 0)
}

/** The updates as one body. */
export function frame(updates) {
  const body = new Uint8Array(updates.reduce((size, update) => size + 4 + update.length, 0))
  const view = new DataView(body.buffer)
  let at = 0
  for (const update of updates) {
    view.setUint32(at, update.length, true)
    body.set(update, at + 4)
    at += 4 + update.length
  }
  return body
}

/** The updates of a body. Throws RangeError when it is cut short: half a body must not pass for a whole one. */
export function unframe(body) {
  const bytes = bytesOf(body)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const updates = []
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    if (at + 4 + length > bytes.length) throw new RangeError("a framed body is cut short")
    updates.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return updates
}
