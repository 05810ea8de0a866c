/** Whether the client of a connection is still there: it must answer pings, and let data flow now and then. */
import type { StreamLimits } from './limits.ts'

export interface Presence {
  /** Something came from the client, or it is we who do not listen. */
  heard(): void
  /** Data went in or out. */
  moved(): void
  stop(): void
}

/** @param lost is called once, with the reason */
export function watchPresence(
  limits: Pick<StreamLimits, 'pingMs' | 'idleMs'>,
  ping: () => void,
  lost: (reason: string) => void,
): Presence {
  let unanswered = 0
  const stop = () => {
    clearInterval(pinging)
    clearTimeout(idle)
  }
  const give = (reason: string) => {
    stop()
    lost(reason)
  }
  const pinging = setInterval(() => {
    // The second, because the answer to the first may be here and not yet read, when this process was busy.
    if (unanswered === 2) return give('the client does not answer')
    unanswered++
    ping()
  }, limits.pingMs).unref()
  const idle = setTimeout(() => give('the connection was idle for too long'), limits.idleMs).unref()
  return {
    heard: () => {
      unanswered = 0
    },
    moved: () => {
      idle.refresh()
    },
    stop,
  }
}
