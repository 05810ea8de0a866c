/** The answer to a request whose body is too long to be read: what Node would do by itself is read all of it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Of the connection that stays open after the answer, in ms. A client that is still sending would be reset otherwise, and lose the answer.
 * Source: Go's net/http, rstAvoidanceDelay
 */
const lingerMs = 500

/** To be called before the answer is written. The connection ends with it. */
export function leaveUnread(req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('Connection', 'close')
  // A body that has been begun is not read to its end: it waits where it is.
  req.read(0)
  const { socket } = req
  socket.destroySoon = () => {
    socket.end()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
}
