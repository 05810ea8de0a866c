/** Tab: what could stand at the cursor of a line, and what all of it has in common. */

export interface Completers {
  kubectl(line: string, cursor: number): Promise<string[]>
  path(prefix: string): Promise<string[]>
}

export interface Completion {
  /** What is certain, and goes in at the cursor. */
  insert: string
  /** To choose from, when there are several. */
  candidates: string[]
}

const commands = [
  'kubectl',
  'k',
  'helm',
  'ssh',
  'curl',
  'dig',
  'nslookup',
  'edit',
  'vi',
  'vim',
  'nano',
  'help',
  'history',
  'jobs',
  'fg',
  'kill',
  'clear',
  'ls',
  'cat',
  'grep',
  'jq',
  'sed',
  'awk',
  'head',
  'tail',
  'wc',
  'sort',
  'diff',
  'cp',
  'mv',
  'rm',
  'mkdir',
  'cd',
  'pwd',
  'echo',
]
const nothing: Completion = { insert: '', candidates: [] }

export async function completeLine(line: string, cursor: number, completers: Completers): Promise<Completion> {
  const before = [...line].slice(0, cursor).join('')
  // Only the last command of a pipeline or a list is completed.
  const command = before
    .slice(Math.max(before.lastIndexOf('|'), before.lastIndexOf(';'), before.lastIndexOf('&')) + 1)
    .trimStart()
  const words = command.split(/\s+/)
  const last = words.at(-1) ?? ''
  const redirect = /[<>]\s*\S*$/.test(command)
  if (words.length === 1 && !redirect)
    return finish(
      last,
      commands.filter((name) => name.startsWith(last)),
    )
  const isFileFlag =
    /^(-f|-k|--filename|--kustomize|--from-file|--from-env-file)=?$/.test(words.at(-2) ?? '') ||
    /^--(filename|kustomize|from-file|from-env-file)=/.test(last)
  if ((words[0] === 'kubectl' || words[0] === 'k') && !isFileFlag && !redirect) {
    const kubectlLine = `kubectl${command.slice(words[0].length)}`
    return finish(last, await completers.kubectl(kubectlLine, kubectlLine.length))
  }
  const prefix = last.includes('=') && last.startsWith('--') ? last.slice(last.indexOf('=') + 1) : last
  return finish(prefix, await completers.path(prefix))
}

function finish(prefix: string, candidates: string[]): Completion {
  const fitting = candidates.filter((candidate) => candidate.startsWith(prefix))
  if (fitting.length === 0) return nothing
  let common = fitting[0]
  for (const candidate of fitting) while (!candidate.startsWith(common)) common = common.slice(0, -1)
  const isWhole = fitting.length === 1 && !/[/=]$/.test(common)
  return { insert: common.slice(prefix.length) + (isWhole ? ' ' : ''), candidates: fitting }
}
