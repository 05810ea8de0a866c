/** What the other side did that SPDY/3.1 does not allow: the connection ends, and the message says why. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}
