/** "Did you mean this?": names close to a mistyped one. Source: spf13/cobra, SuggestionsFor. */

/** kubectl's commands in the order it adds them: by group. Source: k8s.io/kubectl/pkg/cmd/cmd.go, NewKubectlCommand */
const addedInOrder = [
  ...['create', 'expose', 'run', 'set', 'explain', 'get', 'edit', 'delete', 'rollout', 'scale', 'autoscale'],
  ...['certificate', 'cluster-info', 'top', 'cordon', 'uncordon', 'drain', 'taint'],
  ...['describe', 'logs', 'attach', 'exec', 'port-forward', 'proxy', 'cp', 'auth', 'debug', 'events'],
  ...['diff', 'apply', 'patch', 'replace', 'wait', 'kustomize', 'label', 'annotate', 'completion'],
  ...['alpha', 'config', 'plugin', 'version', 'api-versions', 'api-resources', 'options'],
]

/** Commands close to a mistyped one, in the order that kubectl adds them; those that only this one has come last. */
export function suggestCommands(typed: string, names: readonly string[]): string[] {
  const known = addedInOrder.filter((name) => names.includes(name))
  return suggest(typed, [...known, ...names.filter((name) => !known.includes(name))])
}

/** Names at most two edits away, or that begin with what was typed. */
export function suggest(typed: string, names: readonly string[]): string[] {
  return names.filter(
    (name) =>
      editDistance(typed.toLowerCase(), name.toLowerCase()) <= 2 || name.toLowerCase().startsWith(typed.toLowerCase()),
  )
}

/** Levenshtein: insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost))
    }
    previous = current
  }
  return previous[b.length]
}
