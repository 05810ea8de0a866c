/** A Dockerfile as instructions, and what is wrong with one. Pure. */

/**
 * @typedef {{ line: number, name: string, rest: string }} Instruction
 * @param {string} text
 * @returns {Instruction[]} in order; lines that go on behind a backslash are one
 */
export function parseDockerfile(text) {
  const instructions = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let whole = lines[at].trim()
    if (whole === '' || whole.startsWith('#')) continue
    while (whole.endsWith('\\') && at + 1 < lines.length)
      whole = `${whole.slice(0, -1).trimEnd()} ${lines[++at].trim()}`
    const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(whole) ?? []
    instructions.push({ line, name: name.toUpperCase(), rest })
  }
  return instructions
}

/**
 * @typedef {{ from: string, as: string | undefined, instructions: Instruction[] }} Stage
 * @param {readonly Instruction[]} instructions
 * @returns {Stage[]} with the defaults of arguments filled in
 */
export function stagesOf(instructions) {
  const defaults = new Map()
  const stages = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') {
      const filled = instruction.rest.replace(/\$\{?(\w+)\}?/g, (all, name) => defaults.get(name) ?? all)
      const [, from = filled, as] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?$/i.exec(filled) ?? []
      stages.push({ from, as, instructions: [instruction] })
    } else if (stages.length === 0) {
      const [, name, value] = /^(\w+)=(\S+)$/.exec(instruction.rest) ?? []
      if (instruction.name === 'ARG' && name) defaults.set(name, value)
    } else stages.at(-1).instructions.push(instruction)
  }
  return stages
}

const isExecForm = (rest) => {
  try {
    const words = JSON.parse(rest)
    return Array.isArray(words) && words.every((word) => typeof word === 'string')
  } catch {
    return false
  }
}

/** What has to stay out of the context of a build. */
const ignoredAlways = ['.git', 'node_modules', 'data', '**/.env*']

/**
 * @param {string} text of the Dockerfile
 * @param {string} ignored the text of .dockerignore
 * @returns {string[]} what is wrong, each with its line
 */
export function lintDockerfile(text, ignored) {
  const stages = stagesOf(parseDockerfile(text))
  const problems = []
  const tell = (line, what) => problems.push(`Dockerfile:${line}: ${what}`)
  if (stages.length === 0) return ['Dockerfile:1: there is no FROM']
  const names = new Set()
  for (const { from, as, instructions } of stages) {
    const { line } = instructions[0]
    if (!names.has(from) && !/@sha256:[0-9a-f]{64}$/.test(from) && !/:(?!latest$)[\w.-]*\d[\w.-]*$/.test(from))
      tell(line, `${from} is another image tomorrow: name a version`)
    if (as) names.add(as)
    for (const { line, name, rest } of instructions) {
      if (name === 'ADD') tell(line, 'ADD also fetches and unpacks: COPY says what it does')
      if (name === 'MAINTAINER') tell(line, 'MAINTAINER is not used any more')
      if (name === 'WORKDIR' && !rest.startsWith('/')) tell(line, 'WORKDIR has to be absolute')
      if (
        (name === 'ENV' || name === 'ARG') &&
        /(?:PASS(?:WORD|PHRASE)?|SECRET|TOKEN|CREDENTIAL|PRIVATE|_KEY)\w*(?:=|\s+\S)/i.test(rest)
      )
        tell(line, `a secret in ${name} stays in the image for whoever has it`)
      if (name === 'RUN' && /\bnpm (?:i|install|update)\b/.test(rest))
        tell(line, 'npm install may take other versions than were tested: npm ci')
      if (name === 'RUN' && /\bsudo\b/.test(rest))
        tell(line, 'sudo is for people: it is root already, or has to be somebody else')
      if (
        name === 'RUN' &&
        /apt-get (?:-\S+ )*install/.test(rest) &&
        !/apt-get update.*--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists/.test(rest)
      )
        tell(
          line,
          'apt-get install needs apt-get update before it, --no-install-recommends, and its lists removed, in one RUN',
        )
      if (name === 'RUN' && /\b(?:curl|wget)\b.*\|\s*(?:ba|da)?sh\b/.test(rest))
        tell(line, 'what is fetched is run unseen')
      if ((name === 'CMD' || name === 'ENTRYPOINT') && !isExecForm(rest))
        tell(line, `${name} as a line of a shell keeps signals from the server: write a list of words`)
      if (name === 'COPY' && /--chmod=\S*777/.test(rest)) tell(line, 'everybody may change that')
    }
  }
  const last = stages.at(-1)
  const of = (name) => last.instructions.filter((one) => one.name === name)
  const end = last.instructions.at(-1).line
  const user = of('USER').at(-1)
  if (!user) tell(end, 'it runs as root: USER with a number')
  else if (!/^[1-9]\d*(?::[1-9]\d*)?$/.test(user.rest))
    tell(user.line, 'USER has to be a number other than 0: Kubernetes cannot tell a name from root')
  for (const { line, rest } of of('COPY'))
    if (/(?:^|\s)\.\/?\s/.test(rest.replace(/--\S+\s+/g, '')) && !rest.includes('--from='))
      tell(line, 'the whole context is copied into what runs')
  for (const { line, name } of last.instructions)
    if (user && line > user.line && name === 'RUN') tell(line, 'RUN behind USER: what it makes belongs to who runs')
  if (of('CMD').length + of('ENTRYPOINT').length !== 1) tell(end, 'one CMD or ENTRYPOINT says what runs')
  if (of('HEALTHCHECK').length !== 1) tell(end, 'one HEALTHCHECK says whether it lives')
  const entries = new Set(ignored.split('\n').map((line) => line.trim()))
  for (const entry of ignoredAlways) if (!entries.has(entry)) problems.push(`.dockerignore: ${entry} is not in it`)
  return problems
}
