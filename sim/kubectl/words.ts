/** Splits a typed line into words as a shell does. A line is one command: what only a shell can do is refused, not guessed. */
import { KubectlError } from './errors.ts'

/**
 * Words of the line, with quotes and escapes taken away.
 * @throws KubectlError for an unfinished quote and for pipes, redirections and the like
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let i = 0
  while (i < line.length) {
    const char = line[i]
    if (char === ' ' || char === '\t' || char === '\n') {
      if (word !== undefined) words.push(word)
      word = undefined
      i++
    } else if (char === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) throw new KubectlError("unexpected end of line while looking for matching `''")
      word = (word ?? '') + line.slice(i + 1, end)
      i = end + 1
    } else if (char === '"') {
      const [text, end] = readDoubleQuoted(line, i + 1)
      word = (word ?? '') + text
      i = end
    } else if (char === '\\') {
      if (line[i + 1] !== '\n') word = (word ?? '') + (line[i + 1] ?? '')
      i += 2
    } else if (char === '#' && word === undefined) {
      break
    } else {
      const refused = shellOnly(line, i)
      if (refused)
        throw new KubectlError(
          `${refused} is not available here: a line is one kubectl command, without a shell around it`,
        )
      word = (word ?? '') + char
      i++
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

function readDoubleQuoted(line: string, start: number): [string, number] {
  let text = ''
  for (let i = start; i < line.length; i++) {
    const char = line[i]
    if (char === '"') return [text, i + 1]
    if (char === '\\' && i + 1 < line.length && '"\\$`\n'.includes(line[i + 1])) {
      if (line[i + 1] !== '\n') text += line[i + 1]
      i++
    } else text += char
  }
  throw new KubectlError('unexpected end of line while looking for matching `"\'')
}

/** What a shell would do with the character there, or undefined when it is an ordinary one. */
function shellOnly(line: string, i: number): string | undefined {
  switch (line[i]) {
    case '|':
      return line[i + 1] === '|' ? 'the list operator `||`' : 'the pipe `|`'
    case '&':
      return line[i + 1] === '&' ? 'the list operator `&&`' : 'the background operator `&`'
    case ';':
      return 'the list operator `;`'
    case '<':
    case '>':
      return `the redirection \`${line[i]}\``
    case '`':
      return 'command substitution'
    case '$':
      return line[i + 1] === '(' ? 'command substitution' : undefined
    default:
      return undefined
  }
}
