/**
 * Other spellings of a right answer, with the same meaning: another format or order, another unit, what is the default written out, another
 * command for the same. A grade that differs judges the spelling. Manifests are spelled in `spell/manifests.ts`, lines in `spell/lines.ts`.
 */
import {
  type ChallengeSpec,
  type LiveCluster,
  type LoggedCommand,
  prepareChallenge,
  replayCluster,
} from '../../../sim/index.ts'
import { lineSpellings } from './spell/lines.ts'
import { documentsOf, type Json, manifestSpellings, printDocuments } from './spell/manifests.ts'

export interface Spelling {
  /** `quantities` */
  kind: string
  log: LoggedCommand[]
}

type Apply = Extract<LoggedCommand['command'], { op: 'apply' }>

/** A command in another spelling: those in its place, or undefined. `clusters` are as it was handed over, and right before the command. */
type Spell = (command: LoggedCommand['command'], clusters: () => Clusters) => LoggedCommand['command'][] | undefined

interface Clusters {
  handedOver: LiveCluster
  /** Another one each time. */
  before(): LiveCluster
}

/**
 * One log for each kind of spelling that something in the log can have: all of it is spelled so.
 * @param log of a solution, with the parameters of that seed in it @param isWanted kinds that are
 */
export function spellingsOf(
  spec: ChallengeSpec,
  log: readonly LoggedCommand[],
  seed: string,
  isWanted: (kind: string) => boolean = () => true,
): Spelling[] {
  const { options } = prepareChallenge(spec, seed)
  return Object.entries(spells).flatMap(([kind, spell]) => {
    if (!isWanted(kind)) return []
    const spelled: LoggedCommand[] = []
    let isOther = false
    for (const { atMs, command } of log) {
      const soFar = [...spelled]
      const clusters = (): Clusters => ({
        handedOver: replayCluster(options, [], 0),
        before: () => replayCluster(options, soFar, atMs),
      })
      const others = spell(command, clusters)
      if (others) isOther = true
      spelled.push(...(others ?? [command]).map((other) => ({ atMs, command: other })))
    }
    return isOther ? [{ kind, log: spelled }] : []
  })
}

const ofApply =
  (spell: (apply: Apply, clusters: () => Clusters) => LoggedCommand['command'][] | undefined): Spell =>
  (command, clusters) =>
    command.op === 'apply' ? spell(command, clusters) : undefined

/** Another command in the place of one without arguments, where it leaves the same. */
const byOther = (otherOf: (apply: Apply) => LoggedCommand['command']): Spell =>
  ofApply((apply, clusters) => {
    if (apply.args) return undefined
    const other = otherOf(apply)
    return isSame(apply.manifest, apply, other, clusters().before) ? [other] : undefined
  })

const spells: Readonly<Record<string, Spell>> = {
  ...Object.fromEntries(
    manifestSpellings.map(({ kind, spell }): [string, Spell] => [
      kind,
      (command, clusters) => {
        const manifest = manifestIn(command)
        if (manifest === undefined || (kind === 'defaults' && isServerSide(command))) return undefined
        const text = spell(manifest, () => {
          const { handedOver, before } = clusters()
          return [handedOver, before()]
        })
        if (text === undefined) return undefined
        const other = { ...command, [command.op === 'apply' ? 'manifest' : 'stdin']: text } as LoggedCommand['command']
        // What is the default of a new object is a change of one that has something else.
        return kind !== 'defaults' || isSame(manifest, command, other, clusters().before) ? [other] : undefined
      },
    ]),
  ),
  'one-file-each': ofApply(({ args, manifest }) => {
    const documents = documentsOf(manifest)
    if (!documents || documents.length < 2) return undefined
    return documents.map((document) => ({
      op: 'apply',
      manifest: printDocuments([document]),
      ...(args === undefined ? {} : { args }),
    }))
  }),
  'from-stdin': ofApply(({ args = '', manifest }) => [
    { op: 'kubectl', line: `kubectl apply -f - ${args}`.trim(), stdin: manifest },
  ]),
  'server-side': byOther((apply) => ({ ...apply, args: '--server-side --force-conflicts' })),
  'by-create': byOther(({ manifest }) => ({ op: 'kubectl', line: 'kubectl create -f -', stdin: manifest })),
  'by-replace': byOther(({ manifest }) => ({ op: 'kubectl', line: 'kubectl replace -f -', stdin: manifest })),
  ...Object.fromEntries(
    lineSpellings.map(({ kind, spell }): [string, Spell] => [
      kind,
      (command) => {
        if (command.op !== 'kubectl') return undefined
        const line = spell(command.line)
        return line === undefined || line === command.line ? undefined : [{ ...command, line }]
      },
    ]),
  ),
}

/** Who applies server-side manages each field that is written, so that a default that is written out is more than the same. */
const isServerSide = (command: LoggedCommand['command']): boolean =>
  /--server-side(?:=true)?(?: |$)/.test(
    command.op === 'apply' ? (command.args ?? '') : 'line' in command ? command.line : '',
  )

/** What is applied, or given to a line as its input. A body that goes out as it is (`--raw`) is no manifest: the server takes JSON alone. */
function manifestIn(command: LoggedCommand['command']): string | undefined {
  if (command.op === 'apply') return command.manifest
  return command.op === 'kubectl' &&
    !/ --raw[ =]/.test(command.line) &&
    /^kubectl .*(?:-f|--filename)[ =]-(?: |$)/.test(command.line)
    ? command.stdin
    : undefined
}

/** Whether both commands are taken, and leave what is decided of the manifest's objects the same. */
function isSame(
  manifest: string,
  command: LoggedCommand['command'],
  other: LoggedCommand['command'],
  before: () => LiveCluster,
): boolean {
  const [left, right] = [command, other].map((one) => {
    const cluster = before()
    const { exit } = cluster.execute(one)
    return exit === 0 ? decidedOf(cluster, manifest) : undefined
  })
  return left !== undefined && left === right
}

function decidedOf(cluster: LiveCluster, manifest: string): string | undefined {
  const { exit, stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl get -f - -o json', stdin: manifest })
  if (exit !== 0) return undefined
  const found = JSON.parse(stdout) as Json
  return JSON.stringify(((found.items ?? [found]) as Json[]).map(decided))
}

/** Without what differs by who wrote it, and without what the server draws. */
function decided({ metadata, status: _, ...rest }: Json): Json {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _last, ...annotations } = metadata.annotations ?? {}
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = rest.spec ?? {}
  return {
    ...rest,
    spec,
    metadata: { name: metadata.name, namespace: metadata.namespace, labels: metadata.labels, annotations },
  }
}
