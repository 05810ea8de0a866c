/** Whether a shell would ask for more before it runs what was typed: an open quote, a here-document, a loop without its end. */
import { parse } from 'unbash'

/** Errors that another line can fix, as the parser words them. */
const mendable = /^unterminated |^expected (?:command (?:after|in)|'\S+' to close|'(?:do|then)')/

export function needsMore(text: string): boolean {
  // A newline behind a backslash is none.
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return true
  if (openHereDocument(text)) return true
  try {
    const { errors = [] } = parse(text)
    // What is wrong before the end stays wrong.
    return errors.length > 0 && errors.every(({ message }) => mendable.test(message))
  } catch {
    return false
  }
}

/** What ends a here-document: that line, behind tabs where they do not count. */
export interface HereDocument {
  delimiter: string
  isIndented: boolean
}

export const endsHereDocument = ({ delimiter, isIndented }: HereDocument, line: string): boolean =>
  (isIndented ? line.replace(/^\t+/, '') : line) === delimiter

/** The first here-document of the text that has no end. */
export function openHereDocument(text: string): HereDocument | undefined {
  const [first = '', ...rest] = text.split('\n')
  let line = first
  while (true) {
    for (const [, dash, quote, plain] of line.matchAll(/(?<!<)<<(?!<)(-?)\s*(?:["']([^"']+)["']|([\w.-]+))/g)) {
      const document = { delimiter: (quote ?? plain)!, isIndented: dash === '-' }
      const end = rest.findIndex((each) => endsHereDocument(document, each))
      if (end < 0) return document
      rest.splice(0, end + 1)
    }
    if (rest.length === 0) return undefined
    line = rest.shift() ?? ''
  }
}
