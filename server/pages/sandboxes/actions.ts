/** What the buttons of a sandbox's page do. */
import type { Request } from 'express'
import type { Command } from '../../../sim/index.ts'
import { t } from '../../i18n/translate.ts'
import type { SandboxSummary } from '../../labs/sandboxes/types.ts'
import { faultTitle, lineOf } from '../../labs/views/command-line.ts'
import { maxLineLength } from '../../practice/attempts.ts'
import { printedText } from '../../render/command-output.ts'
import { HttpProblem } from '../../render/problem.ts'
import { echoIn } from '../../terminal/echo.ts'
import { homeFolder } from '../../terminal/shell.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { findFault } from '../faults.ts'
import type { FormFile } from '../form.ts'
import { field, fileField, textField } from '../form.ts'
import { machinesOf, maxMachines, readJoin } from './join-form.ts'
import { maxNameLength } from './shape-form.ts'
import { speeds, type Told } from './view.ts'

export type Outcome =
  | { told: Told; status?: number }
  /** To another page; what there is to say is said there, of the sandbox that is shown. */
  | { go: string; told?: Told; keptFor?: string }

interface Act {
  deps: AppDeps
  req: Request
  sandbox: SandboxSummary
  /** What stands behind the colon of the button's value. */
  argument: string
}

/** How long settling may go on. */
const settleMs = 600_000

const tooBusy = (): Told => ({
  note: t('The cluster has a lot to do, so its clock stopped early. Press again to continue from here.'),
})

const acts: Readonly<Record<string, (act: Act) => Promise<Outcome>>> = {
  speed: async ({ deps, sandbox, argument }) => {
    const speed = speeds.find((one) => String(one) === argument)
    if (speed === undefined) throw unknownButton()
    await deps.sandboxes.setSpeed(sandbox.id, speed)
    return { told: {} }
  },

  step: async ({ deps, sandbox }) => {
    await pause(deps, sandbox)
    const { isCutShort } = await deps.sandboxes.step(sandbox.id)
    return { told: isCutShort ? tooBusy() : {} }
  },

  minute: async ({ deps, sandbox }) => {
    const { isCutShort } = await deps.sandboxes.skip(sandbox.id, 60_000)
    return { told: isCutShort ? tooBusy() : {} }
  },

  settle: async ({ deps, sandbox }) => {
    const { isCutShort } = await deps.sandboxes.settle(sandbox.id, settleMs)
    if (isCutShort) return { told: tooBusy() }
    const { view } = await deps.sandboxes.look(sandbox.id)
    return view.isSettled
      ? { told: {} }
      : {
          told: {
            note: t(
              'The cluster did not settle in {n} minutes of its time: something in it goes on changing, such as a container that is started again and again. Look at its Pods and events.',
              { n: settleMs / 60_000 },
            ),
          },
        }
  },

  kubectl: async ({ deps, req, sandbox }) => {
    const line = field(req, 'line').trim()
    const manifest = textField(req, 'manifest')
    if (line === '') return refused({ problem: t('Type a kubectl line first, for example: get pods'), manifest })
    if (line.length > maxLineLength)
      return refused({
        problem: t(
          'A kubectl line may have {most} characters at most. Put longer input into the manifest and apply it.',
          { most: maxLineLength },
        ),
        manifest,
      })
    if (/^helm(\s|$)/.test(line))
      return run(deps, sandbox, { op: 'helm', line, ...(manifest.trim() ? { stdin: manifest } : {}) })
    return run(deps, sandbox, {
      op: 'kubectl',
      line: line.replace(/^(?!kubectl\b)/, 'kubectl '),
      ...(manifest.trim() ? { stdin: manifest } : {}),
    })
  },

  apply: async ({ deps, req, sandbox }) => {
    const manifest = textField(req, 'manifest')
    if (manifest.trim() === '') return refused({ problem: t('The manifest is empty. Write one first.'), manifest })
    const outcome = await run(deps, sandbox, { op: 'apply', manifest })
    return { told: { ...outcome.told, manifest } }
  },

  upload: async ({ deps, req, sandbox }) => {
    const file = fileField(req, 'file')
    if (!file) return refused({ upload: t('Choose a file first.') })
    const problem = uploadProblem(file)
    if (problem) return refused({ upload: problem })
    const path = `${homeFolder}/${file.fileName}`
    const text = file.bytes.toString('utf8')
    const content = Buffer.from(text, 'utf8').equals(file.bytes) ? text : { base64: file.bytes.toString('base64') }
    await deps.storage.terminals.update(sandbox.id, (record) => ({
      ...(record ?? { files: {}, history: [] }),
      uploads: { ...record?.uploads, [path]: content },
    }))
    return {
      told: {
        note: t('{file} is in the home folder of the terminal. Look at it with: cat {file}', { file: file.fileName }),
      },
    }
  },

  fault: async ({ deps, req, sandbox, argument }) => {
    const [namespace, name] = field(req, 'pod').split('/', 2)
    const node = field(req, 'node')
    const member = field(req, 'member')
    const fault = findFault(argument, { node, member, pod: namespace && name ? { namespace, name } : undefined })
    if (!fault) return refused({ problem: t('Choose what the fault should hit: a node, or a Pod.') })
    const { view } = await deps.sandboxes.look(sandbox.id)
    const isThere =
      'node' in fault && typeof fault.node === 'string'
        ? view.nodes.some((one) => one.name === fault.node)
        : fault.kind !== 'pod' || view.pods.some((pod) => pod.namespace === namespace && pod.name === name)
    if (!isThere)
      return refused({
        problem: t('{name} does not exist. Choose one that does.', {
          name: ('node' in fault && String(fault.node)) || field(req, 'pod'),
        }),
      })
    const result = await deps.sandboxes.run(sandbox.id, { op: 'fault', fault })
    return result.exit === 0
      ? {
          told: {
            note: t('Done: {fault}. The cluster shows what follows from it, and the causes show why.', {
              fault: faultTitle(fault),
            }),
          },
        }
      : refused({ problem: result.stderr.trim() })
  },

  join: async ({ deps, req, sandbox }) => {
    const fields = {
      name: field(req, 'node-name'),
      cpu: field(req, 'cpu'),
      memory: field(req, 'memory'),
      zone: field(req, 'zone'),
      taint: field(req, 'taint'),
    }
    const [{ shape }, log] = await Promise.all([deps.sandboxes.options(sandbox.id), deps.sandboxes.log(sandbox.id)])
    const machines = machinesOf(shape.nodes, log)
    const read = readJoin(fields, machines)
    if ('problems' in read)
      return refused({
        problem: t('No node was added: see what is marked.'),
        join: { fields, problems: read.problems },
      })
    if (machines.length >= maxMachines)
      return refused({
        problem: t('This sandbox has {n} nodes, the most that one can have.', { n: maxMachines }),
        join: { fields, problems: {} },
      })
    const { exit, stderr } = await deps.sandboxes.run(sandbox.id, {
      op: 'fault',
      fault: { kind: 'join', node: read.node },
    })
    return exit === 0
      ? {
          told: {
            note: t('{node} joins the cluster. It is Ready once its kubelet has said so.', { node: read.node.name }),
          },
        }
      : refused({ problem: stderr.trim(), join: { fields, problems: {} } })
  },

  branch: async ({ deps, req, sandbox }) => {
    const at = field(req, 'at')
    if (!/^\d{1,12}$/.test(at)) return refused({ problem: t('Choose the moment to branch from first.') })
    const made = await deps.sandboxes.branch(sandbox.id, Number(at))
    return {
      go: `/sandboxes/${made.id}`,
      keptFor: made.id,
      told: {
        note: t('This sandbox goes on from {clock} of “{name}”, which stays as it is.', {
          clock: printClock(Number(at)),
          name: sandbox.name,
        }),
      },
    }
  },

  reset: async ({ deps, req, sandbox }) => {
    if (field(req, 'confirm') !== 'yes')
      return refused({ problem: t('Tick the box that says the history is thrown away, then press the button again.') })
    await deps.sandboxes.reset(sandbox.id)
    return { told: { note: t('This is the cluster as it was made. Its history is empty.') } }
  },

  rename: async ({ deps, req, sandbox }) => {
    const name = field(req, 'title').trim()
    if (name === '' || name.length > maxNameLength)
      return refused({
        problem: t('A name has 1 to {most} characters. The sandbox kept its old one.', { most: maxNameLength }),
      })
    await deps.sandboxes.rename(sandbox.id, name)
    return field(req, 'from') === 'list'
      ? { go: '/sandboxes' }
      : { told: { note: t('Its name is “{name}” now.', { name }) } }
  },

  delete: async ({ deps, req, sandbox }) => {
    if (field(req, 'confirm') !== 'yes')
      return refused({
        problem: t('Tick the box that says the sandbox is deleted for good, then press the button again.'),
      })
    await deps.sandboxes.remove(sandbox.id)
    return { go: '/sandboxes' }
  },

  share: async ({ deps, sandbox }) => {
    await deps.sandboxes.share(sandbox.id)
    return { told: {} }
  },
  unshare: async ({ deps, sandbox }) => {
    await deps.sandboxes.unshare(sandbox.id)
    return { told: { note: t('The link no longer shows anything.') } }
  },

  address: async ({ deps, sandbox }) => {
    await deps.sandboxes.address(sandbox.id)
    return { told: {} }
  },
  'new-address': async ({ deps, sandbox }) => {
    await deps.sandboxes.rotateAddress(sandbox.id)
    return {
      told: { note: t('This is a new address. The old one no longer works: download the kubeconfig again.') },
    }
  },
  'close-address': async ({ deps, sandbox }) => {
    await deps.sandboxes.closeAddress(sandbox.id)
    return { told: { note: t('The address no longer works.') } }
  },
}

/** Does what the pressed button says. @throws LabRefusal when the sandbox refuses */
export async function perform(deps: AppDeps, req: Request, sandbox: SandboxSummary): Promise<Outcome> {
  const [, name = '', argument = ''] = /^([a-z-]*):?(.*)$/.exec(field(req, 'do')) ?? []
  if (!Object.hasOwn(acts, name)) throw unknownButton()
  return acts[name]!({ deps, req, sandbox, argument })
}

/** Of the files that are put beside the learner's own. */
const maxUploadBytes = 200_000

function uploadProblem({ fileName, bytes }: FormFile): string | undefined {
  if (!/^[\w+-][\w.+-]{0,99}$/.test(fileName))
    return t('The name {name} must consist of letters, digits, ".", "-", "+" and "_".', {
      name: JSON.stringify(fileName.slice(0, 100)),
    })
  if (bytes.length > maxUploadBytes)
    return t('A file may have {most} kB at most; this one has {n} kB.', {
      most: maxUploadBytes / 1000,
      n: Math.ceil(bytes.length / 1000),
    })
  return undefined
}

const unknownButton = () => new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))

const refused = (told: Told) => ({ told, status: 422 })

/** Who steps wants to look at each moment. */
async function pause(deps: AppDeps, { id }: SandboxSummary): Promise<void> {
  await deps.sandboxes.setSpeed(id, 0)
}

async function run(deps: AppDeps, { id }: SandboxSummary, command: Command): Promise<{ told: Told }> {
  const result = await deps.sandboxes.run(id, command)
  const output = { line: lineOf(command), exit: result.exit, text: printedText(result) }
  await echoIn(deps.storage.bus, id, output)
  return { told: { output } }
}
