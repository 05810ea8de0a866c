/** How systemd writes a moment. Source: systemd, src/basic/time-util.c format_timestamp */
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Thu 2026-01-01 00:02:24 UTC`. @param epochMs milliseconds since 1970 */
export function printTimestamp(epochMs: number): string {
  const at = new Date(epochMs)
  const text = at.toISOString()
  return `${days[at.getUTCDay()]} ${text.slice(0, 10)} ${text.slice(11, 19)} UTC`
}
