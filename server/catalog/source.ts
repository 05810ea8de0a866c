/** A content file with its lines: front matter, YAML, and problems that say where they are. */
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'

/** Something wrong in the content: `content/questions/pod/restart.md:7: …` */
export interface Problem {
  file: string
  line: number
  message: string
}

export function printProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`
}

export class ContentError extends Error {
  override readonly name = 'ContentError'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(`The content has ${problems.length} problem(s):\n${problems.map(printProblem).join('\n')}`)
    this.problems = problems
  }
}

export interface FrontMatter {
  yaml: string
  yamlLine: number
  body: string
  bodyLine: number
}

/** Cuts `---` front matter from the body. */
export function splitFrontMatter(text: string): FrontMatter | undefined {
  const match = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (!match) return undefined
  return {
    yaml: match[1]!,
    yamlLine: 2,
    body: text.slice(match[0].length),
    bodyLine: match[0].split('\n').length,
  }
}

/** Reads YAML into a typed value, or adds every problem with its line and gives undefined. */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  at: { file: string; line: number },
  problems: Problem[],
): { value: T; lineOf(path: readonly PropertyKey[]): number } | undefined {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const lineAt = (offset: number) => at.line + counter.linePos(offset).line - 1
  for (const error of document.errors)
    problems.push({ file: at.file, line: lineAt(error.pos[0]), message: `YAML: ${error.message}` })
  if (document.errors.length > 0) return undefined
  const lineOf = (path: readonly PropertyKey[]) => {
    const offset = findNode(document.contents, path)?.range?.[0]
    return offset === undefined ? at.line : lineAt(offset)
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    // An alias without its anchor, or a bomb of them: aliases are followed only here.
    problems.push({ file: at.file, line: at.line, message: `YAML: ${(error as Error).message}` })
    return undefined
  }
  const read = schema.safeParse(value ?? {})
  if (read.success) return { value: read.data, lineOf }
  for (const issue of flattenIssues(read.error.issues))
    problems.push({
      file: at.file,
      line: lineOf(issue.path),
      message: `${issue.path.join('.') || 'file'}: ${issue.message}`,
    })
  return undefined
}

interface Issue {
  path: readonly PropertyKey[]
  message: string
}

/** Of a union that matches nothing, tells the problems of the branch that came furthest. */
function flattenIssues(issues: readonly z.core.$ZodIssue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
    const best = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a) || a.length - b.length)[0]!
    return flattenIssues(best).map((inner) => ({ path: [...issue.path, ...inner.path], message: inner.message }))
  })
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length))
}

function findNode(root: unknown, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = root
  let last = isNode(root) ? root : undefined
  for (const key of path) {
    if (!isMap(node) && !isSeq(node)) break
    // Of a field its name is where an author looks, not its value some lines below.
    const name = isMap(node) ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key : undefined
    node = node.get(key, true)
    if (!isNode(node)) break
    last = isNode(name) ? name : node
  }
  return last
}
