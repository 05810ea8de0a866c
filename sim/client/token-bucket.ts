/** A rate limit that lets a burst through and then so many a second. Source: golang.org/x/time/rate */

export interface TokenBucket {
  /** Takes a token if there is one. */
  tryTake(nowMs: number): boolean
  /** Takes a token in any case, and tells in how many milliseconds it is there. */
  reserveMs(nowMs: number): number
}

/** @param perSecond tokens that come back each second, up to `burst` */
export function createTokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst
  let filledMs = 0
  const fill = (nowMs: number): void => {
    tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1000) * perSecond)
    filledMs = nowMs
  }
  return {
    tryTake(nowMs) {
      fill(nowMs)
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    reserveMs(nowMs) {
      fill(nowMs)
      tokens -= 1
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000)
    },
  }
}
