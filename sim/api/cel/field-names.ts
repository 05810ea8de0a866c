/**
 * Names of fields that CEL cannot say, as expressions write them: `__namespace__` for namespace, `a__dash__b` for a-b. Pure.
 * Source: k8s.io/apiserver/pkg/cel/escaping.go
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
])
const SIGNS: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' }

/** The field that is meant. */
export function fieldNamed(written: string): string {
  const [, word] = /^__(\w+?)__$/.exec(written) ?? []
  if (word !== undefined && RESERVED.has(word)) return word
  return written.replace(/__(underscores|dot|dash|slash)__/g, (_, sign: string) => SIGNS[sign])
}
