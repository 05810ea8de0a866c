/** The desk: where a challenge is worked on, in practice or as a task of an exam. What its page shows, and what its buttons do. */
import type { Request, RequestHandler, Response } from 'express'
import { commandSchema } from '../../../sim/forms.ts'
import type { Challenge } from '../../catalog/types.ts'
import { msg, t } from '../../i18n/translate.ts'
import { LabRefusal, type WorkAction, type WorkResult } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { actOn, attemptsOf } from '../../practice/act-on-attempt.ts'
import { answerFilesOf, handInAnswers } from '../../practice/answer-files.ts'
import { closed, digestOf, draftVersion, editOf, hinted } from '../../practice/attempts.ts'
import { mayChangeCluster } from '../../practice/changing-command.ts'
import { newSeed, openAttempt, openOrUnsaved, work, workOn } from '../../practice/open-attempt.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { trackStepsOf } from '../../practice/track-steps.ts'
import { printedText } from '../../render/command-output.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { Seat } from '../../seat.ts'
import { unlessDamaged } from '../../storage/documents.ts'
import { givenFault, ownCommands } from '../../storage/given-faults.ts'
import type { Attempt, EarlierDraft } from '../../storage/types.ts'
import { echoIn } from '../../terminal/echo.ts'
import type { AppDeps } from '../deps.ts'
import { doneOf } from '../done.ts'
import { begunAt, field, query, textField } from '../form.ts'
import { deskScript, deskSizesScript, editorScript, terminalScripts, timeScripts } from '../scripts.ts'
import { leftOut } from '../unreadable.ts'
import { workOf } from '../work.ts'
import { type ClusterModel, viewCluster } from './cluster.ts'
import { isTooLong, tooLongWords } from './file-length.ts'
import { taskTerminalKey } from './terminal.ts'
import type { Desk } from './types.ts'
import { type DraftConflict, viewWorkspace, type WorkspaceNotice } from './workspace.ts'

/** Finds what the address names; undefined when the request was answered by leading elsewhere. @throws HttpProblem */
export type FindDesk = (req: Request, res: Response) => Promise<Desk | undefined>

export function deskPages(deps: AppDeps, findDesk: FindDesk): Record<'show' | 'act' | 'draft', RequestHandler> {
  return {
    show: async (req, res) => {
      const desk = await findDesk(req, res)
      if (!desk) return
      const { learnerId, seat } = contextOf(res)
      const { attempts } = await workOf(deps, res)
      const { challenge, attempt } = await openOrUnsaved(deps, seat, desk.task, attempts)
      const then = await lookBack(deps, req, learnerId, desk, challenge, attempt)
      if (then && isHtmx(req)) return sendCluster(deps, req, res, desk, challenge, then)
      const { result, problem } = await lookOrFresh(deps, learnerId, challenge, attempt)
      if (query(req, 'at') !== '' && isHtmx(req)) {
        const place = { href: desk.href, file: fileOf(req, challenge) }
        return sendCluster(deps, req, res, desk, challenge, viewCluster(place, attempt, result, 'now'))
      }
      const saysLast = query(req, 'said') === 'last' && !problem
      const told = query(req, 'said') === 'moving' && !result.view.isSettled ? t(stillMoving) : undefined
      const file = query(req, 'file')
      const output = saysLast ? await lastOutput(deps, learnerId, challenge, attempt, file) : undefined
      const isOwed = (await unlessDamaged(deps.gradings.standing(seat, attempt), leftOut(res)))?.is === 'waiting'
      sendWorkspace(deps, req, res, desk, challenge, attempt, result, {
        file,
        output,
        problem,
        told,
        isOwed,
        isLook: true,
        then,
      })
    },

    act: async (req, res) => {
      const desk = await findDesk(req, res)
      if (!desk) return
      const seat = await takeSeat(deps, contextOf(res).seat)
      const { challenge, attempt } = await openAttempt(deps, seat, desk.task)
      const saved = await saveDraft(deps, req, challenge, attempt)
      await perform(deps, req, res, desk, challenge, seat, saved)
    },

    draft: async (req, res) => {
      const desk = await findDesk(req, res)
      if (!desk) return
      const seat = await takeSeat(deps, contextOf(res).seat)
      const { challenge, attempt: opened } = await openAttempt(deps, seat, desk.task)
      const { attempt, conflict } = await saveDraft(deps, req, challenge, opened)
      if (!conflict) {
        // The page goes on from what it has sent, not from what somebody else has saved.
        const file = field(req, 'file')
        if (attempt.drafts[file] === textField(req, 'content'))
          res.setHeader('X-Draft-Version', draftVersion(attempt, file))
        res.status(204).end()
        return
      }
      deps.renderer.send(req, res, {
        template: 'desk/conflict',
        partial: 'desk/conflict',
        title: challenge.title,
        section: desk.section,
        status: 409,
        model: { ...conflict, isInEditor: true },
      })
    },
  }
}

const stillMoving = msg(
  'The cluster did not settle in this time: something in it goes on changing, such as a container that is started again and again. Look at its Pods and events.',
)

/** Does what the pressed button says. */
async function perform(
  deps: AppDeps,
  req: Request,
  res: Response,
  desk: Desk,
  challenge: Challenge,
  seat: Seat,
  { attempt, conflict }: { attempt: Attempt; conflict?: DraftConflict },
): Promise<void> {
  const { learnerId } = contextOf(res)
  const line = field(req, 'line').trim()
  const file = fileOf(req, challenge)
  let act = field(req, 'do')
  if (act === 'default') act = line ? 'kubectl' : 'apply'
  // An answer is no manifest: Ctrl+Enter in it keeps it.
  if (act === 'apply' && answerFilesOf(challenge.spec).includes(file)) act = 'save'

  const look = async (at: Attempt, notice: WorkspaceNotice, status = 200) => {
    if (!isHtmx(req) && status === 200) {
      res.redirect(
        303,
        `${desk.href}?file=${encodeURIComponent(notice.file ?? file)}${notice.output ? '&said=last' : ''}#desk`,
      )
      return
    }
    const { result, problem } = await lookOrFresh(deps, learnerId, challenge, at)
    sendWorkspace(deps, req, res, desk, challenge, at, result, { file, problem, ...notice }, status)
  }

  // What somebody meant to do with their own text is not done with another one.
  if (conflict) return look(attempt, { file, line, conflict }, 409)
  if (act.startsWith('take:')) return look(attempt, { file })
  if (act.startsWith('restore:')) {
    const id = act.slice('restore:'.length)
    const isWanted = (draft: EarlierDraft) => draft.file === file && digestOf(draft.text) === id
    if (!attempt.earlierDrafts.some(isWanted)) throw notFound(t('This earlier text'))
    const restored = await actOn(deps, attempt, (a) => {
      const earlier = a.earlierDrafts.find(isWanted)
      return earlier ? editOf(a, file, earlier.text, true) : []
    })
    return look(restored, { file })
  }
  if (act.startsWith('file:')) {
    const wanted = act.slice('file:'.length)
    return look(attempt, { file: Object.hasOwn(challenge.spec.workspace.files, wanted) ? wanted : file })
  }
  if (act === 'save') return look(attempt, { file })
  if (act === 'undo') {
    const undone = await actOn(deps, attempt, ({ id, log }) =>
      ownCommands(log).length === 0 ? [] : [{ act: 'undid', item: `challenge:${challenge.id}`, data: { attempt: id } }],
    )
    return look(undone, { file })
  }
  if (desk.isHelp && ['reset', 'again', 'variant'].includes(act))
    throw new HttpProblem(403, t('Only the owner of this cluster can start over.'))
  // An exam has drawn its variant.
  if (act === 'reset' || act === 'again' || (act === 'variant' && !desk.task.exam && !desk.sat)) {
    await actOn(deps, attempt, ({ id }) => [closed(challenge, id, act)])
    const { attempt: fresh } = await openAttempt(deps, seat, desk.task, {
      seed: act === 'variant' ? await newSeed(deps, seat, challenge) : attempt.seed,
      // Changes that were told stay told, and paid for, as long as the variant is the same; hints stay so in each.
      hintsOpened: act === 'variant' ? [] : attempt.hintsOpened,
      drafts: act === 'again' ? attempt.drafts : {},
      earlierDrafts: attempt.earlierDrafts,
    })
    // On the challenge as it is now, of which this page may show a former version.
    if (desk.task.challenge.hash !== challenge.hash) return redirectTo(req, res, desk.href)
    return look(fresh, { file })
  }
  if (act.startsWith('hint:') && desk.isOpenBook) {
    const id = act.slice('hint:'.length)
    if (!challenge.spec.hints.some((hint) => hint.id === id)) throw notFound(t('This hint'))
    const opened = await actOn(deps, attempt, (a) => (a.hintsOpened.includes(id) ? [] : [hinted(challenge, a.id, id)]))
    return look(opened, { file })
  }
  if (act === 'grade' && desk.isOpenBook) return grade(deps, req, res, desk, challenge, seat, attempt, look)

  if (act === 'play' && !isWorthWatching(attempt)) return void res.status(204).end()
  const action = actionOf(act, {
    line,
    file,
    manifest: attempt.drafts[file] ?? challenge.spec.workspace.files[file] ?? '',
    leftMs: challenge.spec.workspace.maxVirtualSeconds * 1000 - attempt.clockMs,
  })
  if (!action) throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
  const worked = await workOn(deps, learnerId, challenge, attempt, action)
  if ('refusal' in worked) return look(attempt, { file, problem: worked.refusal, line }, worked.status)
  const { result } = worked
  const output = outputOf(result, file)
  if (output) await echoIn(deps.storage.bus, taskTerminalKey(seat, desk.task), output)
  const isMoving = action.do === 'settle' && !result.view.isSettled
  if (action.do === 'play' && isHtmx(req)) {
    const frames = (result.frames ?? []).map((frame) =>
      viewCluster({ href: desk.href, file }, worked.attempt, frame, 'playing'),
    )
    deps.renderer.send(req, res, {
      template: 'desk/played',
      partial: 'desk/played',
      title: challenge.title,
      section: desk.section,
      model: { work: viewWorkspace(desk, challenge, worked.attempt, result, { file }), frames },
    })
    return
  }
  if (isHtmx(req)) {
    const told = isMoving ? t(stillMoving) : undefined
    sendWorkspace(deps, req, res, desk, challenge, worked.attempt, result, { file, output, told })
    return
  }
  const said = result.output ? '&said=last' : isMoving ? '&said=moving' : ''
  res.redirect(303, `${desk.href}?file=${encodeURIComponent(file)}${said}#desk`)
}

/** A grade that takes longer is waited for on a page of its own. */
const patienceMs = 8000

async function grade(
  deps: AppDeps,
  req: Request,
  res: Response,
  desk: Desk,
  challenge: Challenge,
  seat: Seat,
  attempt: Attempt,
  look: (attempt: Attempt, notice: WorkspaceNotice, status?: number) => Promise<void>,
): Promise<void> {
  const answered = await handInAnswers(deps, contextOf(res).learnerId, challenge, attempt)
  if ('refusal' in answered) return look(answered.attempt, { problem: answered.refusal }, answered.status)
  await desk.whenHandedIn?.(answered.attempt)
  const standing = await deps.gradings.handIn(seat, challenge, answered.attempt, patienceMs)
  if (standing.is === 'refused') return look(attempt, { problem: notGraded(standing) }, 422)
  const page = `/challenges/${challenge.id}`
  if (standing.is !== 'graded') return redirectTo(req, res, `${page}/grading/${attempt.id}`)
  if (!isHtmx(req)) return redirectTo(req, res, `${page}/results/${attempt.id}/${standing.number}`)
  // Where one works, so that editor, terminal and cluster stay in sight.
  const graded = (await attemptsOf(deps, seat)).find(({ id }) => id === attempt.id) ?? answered.attempt
  const [step] = desk.task.exam
    ? []
    : trackStepsOf(deps.catalog(), `challenge:${challenge.id}`, await doneOf(deps, res))
  const around = await desk.frame?.whenGraded?.()
  await look(graded, { isGraded: true, isLook: true, next: desk.next ?? step?.next, around })
}

/** Why it was not graded, in words. */
export const notGraded = ({ text, values }: { text: string; values: Record<string, string | number> }): string =>
  t('Not graded, no try used. {why}', { why: t(text, values) })

/** The last command may have changed something, and that was not played yet. */
function isWorthWatching({ log, clockMs }: Attempt): boolean {
  const last = ownCommands(log).at(-1)
  return last !== undefined && mayChangeCluster(last.command) && clockMs - last.atMs < playedMs
}

/** After a command: as much as somebody watches, in so many pictures. */
const playedMs = 10_000
const playedFrames = 10

function actionOf(
  act: string,
  given: { line: string; file: string; manifest: string; leftMs: number },
): WorkAction | undefined {
  switch (act) {
    case 'apply': {
      const { manifest, file } = given
      const named = commandSchema.safeParse({ op: 'apply', manifest, file })
      // A name that a line would have to quote is left out.
      return { do: 'command', command: named.success ? named.data : { op: 'apply', manifest } }
    }
    case 'kubectl':
      if (/^helm(\s|$)/.test(given.line)) return { do: 'command', command: { op: 'helm', line: given.line } }
      return { do: 'command', command: { op: 'kubectl', line: given.line.replace(/^(?!kubectl\b)/, 'kubectl ') } }
    case 'run10':
      return { do: 'advance', ms: 10_000 }
    case 'run60':
      return { do: 'advance', ms: 60_000 }
    case 'settle':
      return { do: 'settle', maxMs: Math.max(0, Math.min(600_000, given.leftMs)) }
    case 'step':
      return { do: 'step' }
    case 'play':
      return { do: 'play', ms: Math.max(0, Math.min(playedMs, given.leftMs)), frames: playedFrames }
    default:
      return undefined
  }
}

/** The cluster of the attempt; or, when that takes too much to rebuild, the one at the hand-over and why. So a way back is always shown. */
async function lookOrFresh(
  deps: AppDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
): Promise<{ result: WorkResult; problem?: string }> {
  try {
    return { result: await work(deps, who, challenge, attempt, { do: 'look' }) }
  } catch (error) {
    if (!(error instanceof LabRefusal) || error.status !== 422) throw error
    const result = await work(deps, who, challenge, { ...attempt, log: [], clockMs: 0 }, { do: 'look' })
    return {
      result,
      problem: t(
        'Your cluster could not be rebuilt, so this is how it was handed over. Undo the last command or start over. {why}',
        { why: error.message },
      ),
    }
  }
}

/** The cluster at the moment that the address names; undefined for the present. */
async function lookBack(
  deps: AppDeps,
  req: Request,
  who: string,
  desk: Desk,
  challenge: Challenge,
  attempt: Attempt,
): Promise<ClusterModel | undefined> {
  const at = query(req, 'at')
  if (!/^\d{1,12}$/.test(at) || Number(at) >= attempt.clockMs) return undefined
  const atMs = Number(at)
  const place = { href: desk.href, file: fileOf(req, challenge) }
  try {
    const { view } = await work(deps, who, challenge, attempt, { do: 'look', atMs })
    return viewCluster(place, attempt, { clockMs: atMs, view }, 'then')
  } catch (error) {
    // What cannot be rebuilt has no past either: the present says why.
    if (!(error instanceof LabRefusal) || error.status !== 422) throw error
    return undefined
  }
}

function sendCluster(
  deps: AppDeps,
  req: Request,
  res: Response,
  desk: Desk,
  challenge: Challenge,
  cluster: ClusterModel,
): void {
  const template = 'desk/cluster'
  const page = { title: challenge.title, section: desk.section, model: { cluster } }
  deps.renderer.send(req, res, { template, partial: template, ...page })
}

/** What the last command said: found by running it again on the cluster before it. */
async function lastOutput(
  deps: AppDeps,
  who: string,
  challenge: Challenge,
  attempt: Attempt,
  file: string,
): Promise<WorkspaceNotice['output']> {
  const place = attempt.log.findLastIndex((entry) => !givenFault(entry))
  const last = attempt.log[place]
  if (!last) return undefined
  const before = { ...attempt, log: attempt.log.slice(0, place), clockMs: last.atMs }
  return outputOf(await work(deps, who, challenge, before, { do: 'command', command: last.command }), file)
}

/** @param file of the editor */
function outputOf(result: WorkResult, file: string): WorkspaceNotice['output'] {
  if (!result.output || !result.logged) return undefined
  const { command } = result.logged
  // Those from before an applied file was noted by its name lack it.
  const line = lineOf(command.op === 'apply' ? { file, ...command } : command)
  return { line, exit: result.output.exit, text: printedText(result.output) }
}

function sendWorkspace(
  deps: AppDeps,
  req: Request,
  res: Response,
  desk: Desk,
  challenge: Challenge,
  attempt: Attempt,
  result: WorkResult,
  notice: WorkspaceNotice,
  status = 200,
): void {
  deps.renderer.send(req, res, {
    template: desk.frame?.template ?? 'desk/page',
    partial: 'desk/parts',
    title: challenge.title,
    section: desk.section,
    status,
    wide: true,
    earlyScript: deskSizesScript,
    scripts: [
      ...(challenge.spec.workspace.allowKubectl && !desk.isHelp ? terminalScripts : []),
      ...[editorScript, ...timeScripts, deskScript],
      ...(desk.frame?.scripts ?? []),
    ],
    model: {
      ...desk.frame?.model,
      work: viewWorkspace(desk, challenge, attempt, result, {
        ...notice,
        isFormer: desk.task.challenge.hash !== challenge.hash,
        isOtherEngine: attempt.log.length > 0 && attempt.engineVersion !== result.engineVersion,
      }),
    },
  })
}

/**
 * Saves the text of the editor. When another tab has saved another one since this page showed the file, both are kept: the saved one as
 * it is, this one among the earlier texts, until somebody says which is to be.
 */
async function saveDraft(
  deps: AppDeps,
  req: Request,
  challenge: Challenge,
  attempt: Attempt,
): Promise<{ attempt: Attempt; conflict?: DraftConflict }> {
  const file = field(req, 'file')
  const body = req.body as Record<string, unknown>
  const pressed = field(req, 'do')
  const isKnown = Object.hasOwn(challenge.spec.workspace.files, file)
  if (!isKnown || body.content === undefined || pressed === 'take:theirs') return { attempt }
  const isTaken = pressed === 'take:mine'
  const isInEditor = body.mine === undefined
  const text = textField(req, isTaken && !isInEditor ? 'mine' : 'content')
  if (text === (attempt.drafts[file] ?? challenge.spec.workspace.files[file])) return { attempt }
  if (isTooLong(Object.values({ ...attempt.drafts, [file]: text }))) throw new HttpProblem(413, tooLongWords())
  const [version = '', shown = ''] = (isTaken ? field(req, 'theirs') : field(req, 'seen')).split('.')
  // A page on which nothing was typed has nothing to say, unless its text is what is to be applied.
  const isUntouched = digestOf(text) === shown && pressed !== 'apply' && pressed !== 'default'
  let conflict: DraftConflict | undefined
  const saved = await actOn(
    deps,
    attempt,
    (a) => {
      const theirs = a.drafts[file]
      const now = draftVersion(a, file)
      conflict = undefined
      if (text === theirs) return []
      if (version !== '' && version !== now) {
        if (isUntouched) return []
        conflict = { file, mine: text, theirs, version: now, isInEditor: false }
        return [{ act: 'set-aside', item: `challenge:${challenge.id}`, data: { attempt: a.id, file, text } }]
      }
      return editOf(a, file, text, isTaken)
    },
    begunAt(req),
  )
  return { attempt: saved, conflict }
}

function fileOf(req: Request, challenge: Challenge): string {
  const names = Object.keys(challenge.spec.workspace.files)
  const wanted = field(req, 'file') || query(req, 'file')
  return names.includes(wanted) ? wanted : (names[0] ?? '')
}
