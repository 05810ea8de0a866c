/**
 * The code in texts, run: what learners copy has to work. Lines of kubectl must be ones that kubectl takes, and manifests ones that the API
 * server takes. What they name need not be there: a text may call a Pod POD.
 */
import { createCluster, type LiveCluster } from '../../../sim/index.ts'

/** A block of code, and the line of the file that it begins on. */
interface CodeBlock {
  language: string
  code: string
  line: number
}

/** Blocks of these have a meaning of their own, and are proven elsewhere. */
const ownBlocks: ReadonlySet<string> = new Set(['scenario', 'explorer', 'diagram'])

/** Lines that wait for somebody, or act on the machine that kubectl runs on. */
const waiting =
  / (?:-w|--watch|-it|-ti|--stdin|-f --tail|--follow)\b|^kubectl (?:edit|attach|port-forward|proxy|cp|config|plugin|completion|debug|diff|kustomize|run .* -it)\b|^kubectl logs .*-f\b/

/** What kubectl says of a line that cannot be right, whatever is in the cluster. */
const misuse =
  /unknown (?:flag|shorthand flag|command)|flag needs an argument|error parsing jsonpath|unrecognized (?:character|identifier)|invalid argument|doesn't have a resource type|no matches for kind|unexpected end of JSON|error: unknown|strict decoding error|exactly one NAME is required|unable to parse|template format specified|is not a valid|unterminated/

/**
 * @param markdown a file of content, with its parameters filled in @returns `LINE: what is wrong`, for each line of kubectl and each manifest that is refused for its form
 * @param cluster that the lines are run in; they may change it
 */
export function codeProblems(markdown: string, cluster: LiveCluster = plainCluster()): string[] {
  return (
    blocksOf(markdown)
      // A parameter that stands for nothing here, or the template of another tool.
      .filter(({ code }) => !code.includes('{{'))
      .flatMap(({ language, code, line }) => [
        ...linesOf(code).flatMap((typed) => {
          const { stderr, exit } = cluster.execute({ op: 'kubectl', line: typed })
          return exit !== 0 && misuse.test(stderr) ? [`${line}: ${typed}: ${stderr.trim().split('\n')[0]}`] : []
        }),
        ...manifestsOf(language, code).flatMap((manifest) => {
          const { stderr, exit } = cluster.execute({
            op: 'kubectl',
            // Of an object that is there, a manifest that is applied so may hold a part.
            line: code.includes('--server-side')
              ? 'kubectl apply --server-side --force-conflicts --dry-run=server -f -'
              : 'kubectl create --dry-run=server -f -',
            stdin: manifest,
          })
          return exit !== 0 && !/already exists|not found|forbidden/.test(stderr)
            ? [`${line}: this manifest is refused: ${stderr.trim().split('\n')[0]}`]
            : []
        }),
      ])
  )
}

const plainCluster = (): LiveCluster =>
  createCluster({
    seed: 'code-blocks',
    shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }], metricsServer: true },
  })

function blocksOf(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\S*)[^\n]*\n([\s\S]*?)^```[ \t]*$/gm)].flatMap(
    ({ 1: language, 2: code, index }) =>
      ownBlocks.has(language!)
        ? []
        : [{ language: language!, code: code!, line: markdown.slice(0, index).split('\n').length }],
  )
}

/** Its lines of kubectl, each up to the first pipe, redirection or next command. */
function linesOf(code: string): string[] {
  return code
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\$ )?/, '').replace(/^k(?= )/, 'kubectl'))
    .filter((line) => line.startsWith('kubectl ') && !line.includes('<<') && !line.includes('$('))
    .map((line) => commandOf(line))
    .filter((line) => !waiting.test(line) && !/[…<>[\]](?![^'"]*['"])/.test(line))
}

/** Up to a pipe, a redirection, a `&&`, a `;` or a comment that stands in no quotes. */
function commandOf(line: string): string {
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if ('|>;&'.includes(char) || line.startsWith(' #', i)) return line.slice(0, i).trim()
  }
  return line.trim()
}

/** Whole manifests, also those of a here-document: a part of one says less than its kind. */
const manifestsOf = (language: string, code: string): string[] => {
  const documents = [...code.matchAll(/<<-?[ ]*['"]?(\w+)['"]?[^\n]*\n([\s\S]*?)^\1[ \t]*$/gm)].map(
    ([, , text]) => text!,
  )
  return (documents.length > 0 ? documents : [code]).filter(
    (text) =>
      /^(?:yaml|yml|)$/.test(language) &&
      /^apiVersion: \S/m.test(text) &&
      /^kind: \S/m.test(text) &&
      /^metadata:/m.test(text),
  )
}
