/** Whether a shell would ask for more before it runs what was typed: an open quote, a here-document, a loop without its end. */
import { parse } from 'unbash'

/** Errors that another line can mend, as the parser words them. */
const mendable = /^unterminated |^expected (?:command (?:after|in)|'\S+' to close|'(?:do|then)')/

export function needsMore(text: string): boolean {
  // A newline behind a backslash is none.
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return true
  if (hasOpenHereDocument(text)) return true
  try {
    const { errors = [] } = parse(text)
    // What is wrong before the end stays wrong.
    return errors.length > 0 && errors.every(({ message }) => mendable.test(message))
  } catch {
    return false
  }
}

function hasOpenHereDocument(text: string): boolean {
  const [first = '', ...rest] = text.split('\n')
  let line = first
  while (true) {
    for (const [, dash, quote, plain] of line.matchAll(/(?<!<)<<(?!<)(-?)\s*(?:["']([^"']+)["']|([\w.-]+))/g)) {
      const delimiter = quote ?? plain
      const end = rest.findIndex((each) => (dash ? each.replace(/^\t+/, '') : each) === delimiter)
      if (end < 0) return true
      rest.splice(0, end + 1)
    }
    if (rest.length === 0) return false
    line = rest.shift() ?? ''
  }
}
