/** Files of Prometheus and Alertmanager, which are YAML 1.1 as gopkg.in/yaml.v2 reads it. */
import { LineCounter, parseDocument } from 'yaml'
import { chargeYaml, lineTooDeep } from '../../text/yaml-bounds.ts'

const MOST_CHARACTERS = 1_500_000
const MOST_ALIASES = 100

/** @returns what the text says, or `yaml: line 3: …` */
export function readYaml(text: string): { readonly value: unknown } | { readonly error: string } {
  if (text.length > MOST_CHARACTERS) return { error: `yaml: the file has more than ${MOST_CHARACTERS} characters` }
  if (lineTooDeep(text) !== undefined) return { error: 'yaml: exceeded max depth' }
  chargeYaml(text)
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(text, { version: '1.1', lineCounter, prettyErrors: false, logLevel: 'silent' })
    const [error] = document.errors
    if (error) return { error: `yaml: line ${lineCounter.linePos(error.pos[0]).line}: ${error.message}` }
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) }
  } catch (error) {
    // Nested too deeply, or aliases without end.
    if (error instanceof RangeError) return { error: 'yaml: exceeded max depth' }
    if (error instanceof ReferenceError) return { error: `yaml: ${error.message}` }
    throw error
  }
}
