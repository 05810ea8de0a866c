/** Connections that leave HTTP: each goes to whoever its address belongs to. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { kubeconfig } from './kubernetes-api/kubeconfig.ts'
import { mountSandboxes } from './kubernetes-api/site-mount.ts'
import { surviveErrors } from './live-response.ts'
import { candidateSeat } from './middleware/candidate-seats.ts'
import type { AppDeps } from './pages/deps.ts'
import { challengeTerminals, isChallengeTerminal, taskTerminalKey } from './pages/desk/terminal.ts'
import { readRefused } from './pages/refused.ts'
import { dailyTask } from './practice/daily-task.ts'
import { examTask } from './practice/exam-tasks.ts'
import type { Task } from './practice/open-attempt.ts'
import { HttpProblem } from './render/problem.ts'
import { practiceSeat, type SeatId } from './seat.ts'
import type { TerminalRecord } from './storage/types.ts'
import { showEchoes } from './terminal/echo.ts'
import { homeFolder } from './terminal/shell.ts'
import { mostShells, shellKey } from './terminal/shell-key.ts'
import { isSameSite, refuseUpgrade, serveTerminal } from './terminal/socket.ts'
import { type TerminalClusters, Terminals } from './terminal/terminals.ts'
import { memberOf } from './workshops/people.ts'

export interface Upgrades {
  /** For the `upgrade` event of an HTTP server. */
  handle(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells the pages with a terminal to come again. */
  drain(): void
  /** Ends what is open. */
  close(): void
}

/** Connections of one learner's terminals at a time: each page that shows one has its own. */
const mostTerminals = 20

/** What kubectl in the terminal reads, and kubectl config changes. */
const kubeconfigPath = `${homeFolder}/.kube/config`
/**
 * Of a sandbox, a challenge, the incident of a day, or the n-th task of a hands-on exam; behind it stands the number of a shell, unless it is
 * the first. A challenge may be a step of a workshop, which stands before it.
 */
interface Address {
  workshop: string | undefined
  /** A candidate's link: its token, and `/practice` behind it where the workspace is tried out. */
  exercise?: string | undefined
  kind: 'sandboxes' | 'challenges' | 'daily' | 'hands-on'
  id: string
  n: number
  shell: number
}

function addressOf(path: string): Address | undefined {
  const [, workshop, exercise, base = '', shell = '1'] =
    /^(?:\/w\/([a-f0-9]{18})(?=\/challenges\/)|\/c\/([a-f0-9]{32}(?:\/practice)?)(?=\/challenges\/))?(\/.+)\/terminal(?:\/([2-9]))?$/.exec(
      path,
    ) ?? []
  const [, kind, id] = /^\/(sandboxes|challenges|daily)\/([A-Za-z0-9_-]{1,64})$/.exec(base) ?? []
  if (kind !== undefined && id !== undefined)
    return { workshop, exercise, kind: kind as 'sandboxes' | 'challenges' | 'daily', id, n: 0, shell: Number(shell) }
  const [, exam, n] = /^\/study\/hands-on\/([a-f0-9]{18})\/tasks\/(\d{1,3})$/.exec(base) ?? []
  if (exam === undefined) return undefined
  return { workshop, kind: 'hands-on', id: exam, n: Number(n), shell: Number(shell) }
}

/** Sandboxes by their id, and challenges by a key of their own. */
function clustersOf(deps: AppDeps): TerminalClusters {
  const { sandboxes, storage } = deps
  const challenges = challengeTerminals(deps)
  const own: TerminalClusters = {
    begin: (id, command, sink) => sandboxes.begin(id, command, sink),
    complete: (id, line, cursor) => sandboxes.complete(id, line, cursor),
    find: async (id) => {
      const record = (await storage.terminals.find(id)) ?? { files: {}, history: [] }
      return { ...record, files: { [kubeconfigPath]: kubeconfig('https://podium:6443'), ...record.files } }
    },
    // What came meanwhile from outside of the shell is not in its files yet.
    async save(id, { files, history }) {
      await storage.terminals.update(id, (before) => ({
        files,
        history,
        ...(before?.uploads ? { uploads: before.uploads } : {}),
      }))
      return undefined
    },
    latestFiles: async (id) => {
      if (!(await storage.terminals.find(id))?.uploads) return {}
      let taken: TerminalRecord['files'] = {}
      await storage.terminals.update(id, (record) => {
        taken = record?.uploads ?? {}
        return { files: { ...record?.files, ...taken }, history: record?.history ?? [] }
      })
      return taken
    },
  }
  const of = (key: string): TerminalClusters => (isChallengeTerminal(key) ? challenges : own)
  return {
    begin: (key, command, sink) => of(key).begin(key, command, sink),
    complete: (key, line, cursor) => of(key).complete(key, line, cursor),
    find: (key) => of(key).find(key),
    save: (key, record) => of(key).save(key, record),
    latestFiles: (key) => of(key).latestFiles(key),
  }
}

export function createUpgrades(deps: AppDeps): Upgrades {
  const findCandidate = candidateSeat(deps)
  const onError = (error: unknown): void => deps.logger.error({ err: error }, 'a connection failed')
  const api = mountSandboxes({
    sandboxes: deps.sandboxes,
    config: deps.config,
    perMinute: deps.config.sandboxRateLimitPerMinute,
    onError,
  })
  const terminals = new Terminals({ clusters: clustersOf(deps), onError })
  const endEchoes = showEchoes(deps.storage.bus, terminals)
  const open = new Set<Duplex>()
  const shown = new Set<WebSocket>()
  const ofLearner = new Map<string, number>()

  /** What the terminal is for; undefined for one that is not the caller's. */
  async function keyOf(
    { workshop, exercise, kind, id, n }: Address,
    learner: string | undefined,
  ): Promise<string | undefined> {
    if (!learner) return undefined
    if (kind === 'sandboxes') return (await deps.sandboxes.find(learner, id))?.id
    const taskOf = { challenges: practiceTask, daily: taskOfDay, 'hands-on': taskOfExam }[kind]
    const task = await taskOf(id, learner, n)
    if (!task?.challenge.spec.workspace.allowKubectl) return undefined
    const seat =
      workshop !== undefined
        ? await seatInWorkshop(learner, workshop, id)
        : exercise !== undefined
          ? await seatInExercise(learner, exercise, id)
          : practiceSeat(learner)
    return seat && taskTerminalKey(seat, task)
  }

  /** Where the challenge is a step that is open. */
  async function seatInWorkshop(learner: string, workshop: string, id: string): Promise<SeatId | undefined> {
    const person = await memberOf(deps, workshop, learner)
    const { steps, open } = await deps.rooms.room(workshop)
    const step = steps.find(({ item }) => item === `challenge:${id}`)
    return person && step && open.has(step.id) ? { sittingId: workshop, participantId: person.id } : undefined
  }

  /** Of who is at work, or tries the workspace out. */
  async function seatInExercise(learner: string, place: string, id: string): Promise<SeatId | undefined> {
    const asked = { item: `challenge:${id}`, rest: '', isReadMark: false, isDraft: false, begunAtMs: undefined }
    const found = await findCandidate(place, asked, { learnerId: learner }).catch((error: unknown) => {
      if (error instanceof HttpProblem) return undefined
      throw error
    })
    return found && 'seat' in found ? found.seat : undefined
  }

  async function taskOfDay(day: string, learner: string): Promise<Task | undefined> {
    const { dailies = [] } = await deps.journals.work(practiceSeat(learner))
    const daily = dailies.find((one) => one.day === day)
    return daily && (await dailyTask(deps, daily))
  }

  function practiceTask(id: string): Task | undefined {
    const challenge = deps.catalog().challenges.get(id)
    return challenge && { challenge }
  }

  async function taskOfExam(id: string, learner: string, n: number): Promise<Task | undefined> {
    const mock = (await deps.journals.work(practiceSeat(learner))).mocks.find((one) => one.id === id)
    return mock?.tasks?.[n - 1] && (await examTask(deps, mock, n - 1))
  }

  async function openTerminal(address: Address, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!isSameSite(req)) return refuseUpgrade(socket, '403 Forbidden')
    const visitor = await deps.sessions.visitor(req.headers.cookie)
    const learner = visitor.isKnown ? visitor.learnerId : undefined
    const base = await keyOf(address, learner)
    if (!base || !learner || address.shell > mostShells) return refuseUpgrade(socket, '404 Not Found')
    const count = (ofLearner.get(learner) ?? 0) + 1
    const key = shellKey(base, address.shell)
    if (count > mostTerminals || !terminals.makeRoom(key, learner))
      return refuseUpgrade(socket, '429 Too Many Requests')
    ofLearner.set(learner, count)
    socket.once('close', () => {
      const left = ofLearner.get(learner)! - 1
      if (left > 0) ofLearner.set(learner, left)
      else ofLearner.delete(learner)
    })
    if (address.kind === 'sandboxes')
      socket.once(
        'close',
        deps.sandboxes.whenMoved(base, () => socket.destroy()),
      )
    socket.once(
      'close',
      deps.sessions.whenClosed(visitor, () => socket.destroy()),
    )
    serveTerminal(req, socket, head, terminals, key, {
      ...{ readRefused, onError },
      begun(webSocket) {
        shown.add(webSocket)
        webSocket.once('close', () => shown.delete(webSocket))
      },
    })
  }

  return {
    handle(req, socket, head) {
      // First of all: until it is known whose it is, an error of it would be nobody's, and end the process.
      surviveErrors(socket)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      if (api.upgrade(req, socket, head)) return
      const address = addressOf((req.url ?? '').split('?')[0] ?? '')
      if (!address) return refuseUpgrade(socket, '404 Not Found')
      openTerminal(address, req, socket, head).catch((error: unknown) => {
        onError(error)
        socket.destroy()
      })
    },
    drain() {
      for (const webSocket of shown) webSocket.close(1012, 'the server is stopping')
    },
    close() {
      endEchoes()
      terminals.close()
      for (const socket of open) socket.destroy()
    },
  }
}
