/** Files of variables, of which a container's environment may take single ones. Source: kubernetes/pkg/kubelet/util/env/env_util.go */

/** The value under a key, '' when there is none; undefined when the file up to there is not well formed. */
export function readEnvFile(content: string, key: string): string | undefined {
  const lines = content.replace(/\n$/, '').split('\n')
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n].replace(/\r$/, '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const [, name, given] = /^([^=]*)=(.*)$/.exec(line) ?? []
    if (!name || /[ \t]$/.test(name)) return undefined
    // As in a shell: with a space behind the sign the variable is empty, whatever follows.
    if (/^[ \t]/.test(given)) {
      if (name === key) return ''
      continue
    }
    if (!given.startsWith("'")) return undefined
    let value = given.slice(1)
    while (!value.includes("'")) {
      n++
      if (n >= lines.length) return undefined
      value += `\n${lines[n].replace(/\r$/, '')}`
    }
    const end = value.indexOf("'")
    if (!/^[ \t]*(#.*)?$/.test(value.slice(end + 1))) return undefined
    if (name === key) return value.slice(0, end)
  }
  return ''
}
