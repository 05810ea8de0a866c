/**
 * kubectl cp: files go through a tar in the container. Simplified: local names are no patterns, and what is copied from a container
 * keeps no modes. Source: k8s.io/kubectl/pkg/cmd/cp/cp.go and filespec.go
 */
import type { Pod } from '../../api/core/pod-types.ts'
import { decodeContent, encodeContent } from '../../runtime/file-content.ts'
import type { Wait } from '../../runtime/process.ts'
import { type Member, readArchive, writeArchive } from '../../runtime/tar-archive.ts'
import { decodeBytes, encodeBytes, joinBytes } from '../../runtime/text-bytes.ts'
import { openSession } from '../attach.ts'
import type { Command, Invocation } from '../command.ts'
import { isReportable, KubectlError } from '../errors.ts'
import { baseOf, cleanPath, dirOf, joinPath } from '../go-path.ts'
import { chooseContainer, podKind } from '../pods.ts'

/** A place of a file: here, or in a Pod. */
interface FileSpec {
  /** '' for here. */
  pod: string
  /** '' for that of the line. */
  namespace: string
  file: string
}

/** Who types has these, as the first account of a machine. */
const owner = { uid: 1000, gid: 1000, user: 'learner', group: 'learner' }
/** Blocks of a record: Go's archives end behind the two empty ones. */
const blocking = 1

export const cp: Command = {
  name: 'cp',
  short: 'Copy files and directories to and from containers',
  usage: '<file-spec-src> <file-spec-dest> [options]',
  flags: [
    { name: 'container', short: 'c', type: 'string', help: 'Container name.' },
    {
      name: 'no-preserve',
      type: 'bool',
      help: "The copied file/directory's ownership and permissions will not be preserved in the container",
    },
    {
      name: 'retries',
      type: 'int',
      default: 0,
      help: 'Number of retries to complete a copy from a container; 0 for none, less for endless ones.',
    },
  ],
  *run(invocation) {
    const { args } = invocation
    if (args.length !== 2) throw new KubectlError('source and destination are required')
    const source = parseFileSpec(args[0])
    const destination = parseFileSpec(args[1])
    if (source.pod && destination.pod) throw new KubectlError('one of src or dest must be a local file specification')
    if (source.file === '' || destination.file === '') throw new KubectlError('filepath can not be empty')
    if (source.pod) return yield* copyFromPod(invocation, source, destination.file)
    if (destination.pod) return yield* copyToPod(invocation, source.file, destination)
    throw new KubectlError('one of src or dest must be a remote file specification')
  },
}

function parseFileSpec(text: string): FileSpec {
  const colon = text.indexOf(':')
  if (colon < 0) return { pod: '', namespace: '', file: withoutLastSlash(text) }
  const place = text.slice(0, colon).split('/')
  if (colon === 0 || place.length > 2)
    throw new KubectlError('filespec must match the canonical format: [[namespace/]pod:]file/path')
  const file = withoutLastSlash(text.slice(colon + 1)).replaceAll('\\', '/')
  return { pod: place.at(-1)!, namespace: place.length === 2 ? place[0] : '', file }
}

const withoutLastSlash = (file: string): string => (file !== '/' && file.endsWith('/') ? file.slice(0, -1) : file)

// ---------- into a container ----------

function* copyToPod(invocation: Invocation, source: string, destination: FileSpec): Generator<Wait, number, unknown> {
  const { files } = invocation.context
  if (files.read(source) === undefined && files.list(source) === undefined)
    throw new KubectlError(`${source} doesn't exist in local filesystem`)
  const target = (yield* isFolderThere(invocation, destination))
    ? joinPath(destination.file, baseOf(source))
    : destination.file
  const options = invocation.flags.bool('no-preserve')
    ? ['--no-same-permissions', '--no-same-owner', '-xmf', '-']
    : ['-xmf', '-']
  const exitCode = yield* execute(
    invocation,
    destination,
    {
      command: ['tar', ...options, '-C', dirOf(target)],
      stdin: decodeBytes(writeArchive(membersOf(invocation, cleanPath(source), baseOf(cleanPath(target))), blocking)),
    },
    {
      stdout: (text) => invocation.out(text),
      stderr: (text) => invocation.err(text),
      tell: (text) => invocation.err(text),
    },
  )
  if (exitCode !== 0) invocation.err(`command terminated with exit code ${exitCode}\n`)
  return exitCode
}

/** A failure of any sort means that it is not. */
function* isFolderThere(invocation: Invocation, destination: FileSpec): Generator<Wait, boolean, unknown> {
  const unheard = { stdout: () => undefined, stderr: () => undefined, tell: () => undefined }
  try {
    return (yield* execute(invocation, destination, { command: ['test', '-d', destination.file] }, unheard)) === 0
  } catch (error) {
    if (!isReportable(error)) throw error
    return false
  }
}

/** A file, or what is in a folder: folders themselves are members only when they are empty. */
function membersOf(invocation: Invocation, path: string, name: string): Member[] {
  const { files, nowEpochMs } = invocation.context
  const member = { name, ...owner, modifiedEpochMs: nowEpochMs(), target: '' }
  const content = files.read(path)
  if (content !== undefined) return [{ ...member, type: 'file', mode: 0o644, content: decodeContent(content) }]
  const names = files.list(path) ?? []
  if (names.length === 0) return [{ ...member, type: 'directory', mode: 0o755, content: new Uint8Array() }]
  return names.flatMap((child) => membersOf(invocation, joinPath(path, child), joinPath(name, child)))
}

// ---------- out of a container ----------

function* copyFromPod(invocation: Invocation, source: FileSpec, destination: string): Generator<Wait, number, unknown> {
  const tries = invocation.flags.number('retries')
  let archive: Uint8Array = new Uint8Array()
  let retries = 0
  for (;;) {
    const out: string[] = []
    const command =
      tries === 0
        ? ['tar', 'cf', '-', source.file]
        : ['sh', '-c', `tar cf - ${source.file} | tail -c+${retries === 0 ? 0 : archive.length + 1}`]
    const exitCode = yield* execute(
      invocation,
      source,
      { command },
      {
        stdout: (text) => out.push(text),
        // What is told goes where the copied bytes would, if this were a pipe.
        stderr: (text) => invocation.out(text),
        tell: (text) => invocation.out(text),
      },
    )
    archive = joinBytes([archive, encodeBytes(out.join(''))])
    if (isWhole(archive)) break
    if (exitCode !== 0) {
      invocation.err(`command terminated with exit code ${exitCode}\n`)
      return exitCode
    }
    if (tries >= 0 && retries >= tries) {
      invocation.out(`Dropping out copy after ${retries} retries\n`)
      if (archive.length % 512 !== 0) throw new KubectlError('unexpected EOF')
      break
    }
    retries++
    invocation.out(`Resuming copy at ${archive.length} bytes, retry ${retries}/${tries}\n`)
  }
  return unpack(invocation, source, destination, archive)
}

/** Whether the archive has an end: an empty block behind its members. */
const isWhole = (archive: Uint8Array): boolean => readArchive(archive).isEnded === true

function unpack(
  invocation: Invocation,
  { namespace, pod, file }: FileSpec,
  destination: string,
  archive: Uint8Array,
): number {
  const prefix = withoutShortcuts(cleanPath(file.replace(/^[/\\]+/, '')))
  let isLinkTold = false
  for (const { name, type, target, content } of readArchive(archive).members) {
    if (!name.startsWith(prefix)) throw new KubectlError('tar contents corrupted')
    const rest = withoutLastSlash(name.slice(prefix.length)).replaceAll('\\', '/')
    const place = joinPath(destination, rest)
    if (!isInside(destination, place)) {
      invocation.err(`warning: file ${JSON.stringify(place)} is outside target destination, skipping\n`)
      continue
    }
    makeFolder(invocation, dirOf(place))
    if (type === 'directory') makeFolder(invocation, place)
    else if (type === 'symlink') {
      const skipped = `warning: skipping symlink: ${JSON.stringify(place)} -> ${JSON.stringify(target)}`
      const [inNamespace, inPod, of] = [namespace, pod, file].map((text) => JSON.stringify(text))
      const instead = isLinkTold
        ? ''
        : ` (consider using "kubectl exec -n ${inNamespace} ${inPod} -- tar cf - ${of} | tar xf -")`
      invocation.err(`${skipped}${instead}\n`)
      isLinkTold = true
    } else if (invocation.context.files.list(place)) throw new KubectlError(`open ${place}: is a directory`)
    else invocation.context.files.write(place, encodeContent(content))
  }
  return 0
}

/** Without what leads out of a folder, in front. */
function withoutShortcuts(path: string): string {
  const rest = path.replace(/^(\.\.\/)+/, '')
  return rest === '.' || rest === '..' ? '' : rest.replace(/^\//, '')
}

function isInside(folder: string, place: string): boolean {
  const base = cleanPath(folder)
  if (base === '.') return !place.startsWith('/') && place !== '..' && !place.startsWith('../')
  return place === base || place.startsWith(base === '/' ? base : `${base}/`)
}

/** With those above it, as `mkdir -p`. */
function makeFolder({ context: { files } }: Invocation, path: string): void {
  const parts = path.split('/')
  for (let depth = 1; depth <= parts.length; depth++) {
    const at = parts.slice(0, depth).join('/')
    if (at !== '' && files.read(at) !== undefined) throw new KubectlError(`mkdir ${at}: not a directory`)
  }
  files.makeFolder(path)
}

// ---------- in the container ----------

interface Streams {
  stdout(text: string): void
  stderr(text: string): void
  /** What kubectl itself has to say of the container. */
  tell(text: string): void
}

/** @throws what keeps the program from being started */
function* execute(
  invocation: Invocation,
  { namespace, pod: name }: FileSpec,
  program: { command: readonly string[]; stdin?: string },
  { tell, ...streams }: Streams,
): Generator<Wait, number, unknown> {
  const key = { namespace: namespace || invocation.namespace, name }
  const pod: Pod = invocation.client.get(podKind(invocation), key)
  const { phase } = pod.status
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new KubectlError(`cannot exec into a container in a completed pod; current phase is ${phase}`)
  const container = chooseContainer(invocation, pod, invocation.flags.string('container'), tell)
  const { user } = invocation.client
  return yield* openSession(() =>
    invocation.node.exec({ user, namespace: key.namespace, pod: name, container, ...program }, streams),
  )
}
