/** Paths as Go reckons with them: by their words alone. Source: https://pkg.go.dev/path */

/** The shortest path that means the same; `.` for nothing. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!isRooted) kept.push('..')
  }
  return (isRooted ? '/' : '') + kept.join('/') || '.'
}

export const joinPath = (...parts: readonly string[]): string => {
  const whole = parts.filter((part) => part !== '').join('/')
  return whole === '' ? '' : cleanPath(whole)
}

/** All but the last element. */
export const dirOf = (path: string): string => cleanPath(path.slice(0, path.lastIndexOf('/') + 1))

/** The last element. */
export const baseOf = (path: string): string => {
  if (path === '') return '.'
  return path.replace(/\/+$/, '').split('/').at(-1) || '/'
}
