/** One's data: taken away as a file, read back in from one, and deleted. */
import type { Request, RequestHandler, Response } from 'express'
import { takeCookie } from '../../accounts/cookies.ts'
import { Throttle } from '../../accounts/throttle.ts'
import { type Belongings, countAll, gather, gatherWork, isNothing } from '../../belongings/belongings.ts'
import { type Problem, writeFile } from '../../belongings/file.ts'
import { withResults } from '../../belongings/graded-acts.ts'
import { keep, type Plan, planOf, removeAll, restoreSandboxes } from '../../belongings/keep.ts'
import { limitsPassed } from '../../belongings/limits.ts'
import { received, type Standing, standingOf } from '../../belongings/origin.ts'
import { createReader } from '../../belongings/reader.ts'
import { exportKey } from '../../belongings/signature.ts'
import { subjectOf } from '../../belongings/union.ts'
import { msg, t } from '../../i18n/translate.ts'
import { type FoldedWork, workOfActs } from '../../journal/work.ts'
import { withoutExpressions } from '../../practice/expressions.ts'
import { isSecret } from '../../practice/locks.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { answerableFor } from '../../request-caller.ts'
import { practiceSeat, type Seat } from '../../seat.ts'
import type { Duel } from '../../storage/duels.ts'
import { callerOf } from '../caller.ts'
import { inWords } from '../counts.ts'
import type { AppDeps } from '../deps.ts'
import { field, spooledFileField } from '../form.ts'
import { isFresh, reassure } from '../reassure.ts'
import { type Added, PendingFiles, type ShownPlan } from './pending.ts'

/** Files that one address may have read in an hour: each takes the thread that answers everybody. */
const filesAnHour = 60
const hourMs = 3_600_000
/** What a learner may have in all, by the size of the largest file. */
const mostKept = 4

type Page = 'export' | 'importForm' | 'importFile' | 'importConfirm' | 'removeForm' | 'remove'

export function ownDataPages(deps: AppDeps): Record<Page, RequestHandler> {
  const mostBytes = deps.config.importMb * 2 ** 20
  const pending = new PendingFiles({ mostBytes: 2 * mostBytes, now: deps.now })
  const key = exportKey(deps.secret)
  const reader = createReader(key)
  const files = new Throttle({ most: filesAnHour, windowMs: hourMs, now: deps.now })

  const sendImport = (
    req: Request,
    res: Response,
    state: { status?: number; problem?: string; problems?: readonly Problem[]; more?: number; added?: Added } = {},
  ) => {
    const { learnerId } = contextOf(res)
    const file = state.problem === undefined ? pending.find(learnerId) : undefined
    deps.renderer.send(req, res, {
      template: 'own-data/import',
      title: t('Import my data'),
      section: 'study',
      status: state.status,
      model: {
        mostMb: deps.config.importMb,
        comesAlong: t(
          'Answers, exams and notes come along, marked if the file was not made for you here; grades in such a file count once they are verified. Addresses and shared links of sandboxes are not in it: you make new ones.',
        ),
        problem: state.problem ?? '',
        problems: state.problems ?? [],
        more: state.more ?? 0,
        preview: file && { id: file.id, ...file.shown },
        added: state.added && { ...state.added.plan, failed: state.added.failed },
      },
    })
  }

  const sendRemove = async (
    req: Request,
    res: Response,
    refused?: { problem: string; at?: 'current'; status?: number },
  ) => {
    const { learnerId, account } = contextOf(res)
    const counts = await countAll(deps, practiceSeat(learnerId))
    deps.renderer.send(req, res, {
      template: 'own-data/delete',
      title: t('Delete my data'),
      section: 'study',
      status: refused ? (refused.status ?? 422) : 200,
      model: {
        goes: inWords(counts),
        isNothing: isNothing(counts),
        account,
        problem: refused?.problem ?? '',
        at: refused?.at ?? 'confirm',
        isTicked: field(req, 'confirm') === 'yes',
        isAccountTicked: field(req, 'account') === 'yes',
        isFresh: account !== null && (await isFresh(deps, res)),
      },
    })
  }

  return {
    export: async (_req, res) => {
      const { learnerId, account: name } = contextOf(res)
      const { participantId, sittingId } = practiceSeat(learnerId)
      const [learner, sitting, participant, account, belongings, duels, golf] = await Promise.all([
        deps.storage.learners.find(learnerId),
        deps.storage.sittings.find(sittingId),
        deps.storage.participants.find(sittingId, participantId),
        name === null ? undefined : deps.accounts.find(name),
        gather(deps, practiceSeat(learnerId)),
        deps.storage.duels.ofLearner(learnerId),
        deps.storage.golf.ofLearner(learnerId),
      ])
      const { challenges } = deps.catalog()
      // What an exam asks is told when it is over.
      const { mocks } = await gatherWork(deps, practiceSeat(learnerId))
      const secret = new Set(mocks.filter((mock) => isSecret(mock, deps.now())).map(({ id }) => `mock ${id}`))
      const acts = belongings.acts
        .filter((act) => !secret.has(subjectOf(act) ?? ''))
        .map((act) => withResults(act, (result, id) => withoutExpressions(result, challenges.get(id))))
      const facts = {
        learner,
        sitting,
        participant,
        // With their links; what was answered in them is among the acts.
        ...(golf.length > 0 ? { golf: golf.map(({ learnerId: _, ...card }) => card) } : {}),
        ...(duels.length > 0 ? { duels: duels.map((duel) => placeIn(duel, learnerId)) } : {}),
        ...(account ? { account: { name: account.name, createdAtMs: account.createdAtMs, mail: account.mail } } : {}),
      }
      res.attachment('podium-data.json').type('json')
      res.send(
        writeFile({ ...belongings, acts }, facts, {
          maker: { learner: learnerId, account: name, atMs: deps.now() },
          key,
        }),
      )
    },

    importForm: async (req, res) => sendImport(req, res, { added: pending.told(contextOf(res).learnerId) }),

    importFile: async (req, res) => {
      const { learnerId } = contextOf(res)
      const refuse = (status: number, problem: string, problems: readonly Problem[] = [], more = 0) =>
        sendImport(req, res, { status, problem, problems, more })
      // Who is signed in is held up by nobody else of their address.
      const { account } = contextOf(res)
      const waitMs = files.take(answerableFor({ address: callerOf(req), account: account ?? undefined }))
      if (waitMs > 0)
        return refuse(
          429,
          t('Many files came from your address. Wait {n} minutes, then send it again.', {
            n: Math.ceil(waitMs / 60_000),
          }),
        )
      const file = spooledFileField(req, 'file')
      if (!file || file.length === 0)
        return refuse(422, t('Choose the file first: podium-data.json, as you downloaded it.'))
      const read = await reader.read(file, practiceSeat(learnerId), deps.now())
      if (!read) return refuse(503, t('Other files are being read right now. Try again in a moment.'))
      if ('problems' in read)
        return refuse(
          422,
          t('This file cannot be read back in, so nothing was added.'),
          read.problems,
          read.count - read.problems.length,
        )
      const owner = practiceSeat(learnerId)
      const current = await gather(deps, owner)
      const isThere = read.maker !== null && (await deps.storage.learners.find(read.maker.learner)) !== undefined
      const standing = standingOf(read.maker, owner, isThere)
      const belongings = received(read.belongings, standing, owner, deps.now())
      if (file.length + writeFile(current, {}).length > mostKept * mostBytes)
        return refuse(
          422,
          t('With this file you would have more than {n} MB of data here, which is too much for one learner.', {
            n: mostKept * deps.config.importMb,
          }),
        )
      const tooMuch = tooMuchWith(owner, await gatherWork(deps, owner), belongings)
      if (tooMuch) return refuse(422, tooMuch)
      const room = await deps.sandboxes.room(learnerId)
      const shown = viewPlan(await planOf(deps, belongings, owner, room), standing)
      pending.keep(learnerId, { id: deps.newId(), belongings, standing, bytes: file.length, shown })
      redirectTo(req, res, '/progress/import')
    },

    importConfirm: async (req, res) => {
      const { learnerId } = contextOf(res)
      const file = pending.find(learnerId)
      if (field(req, 'do') === 'cancel') {
        pending.drop(learnerId)
        return redirectTo(req, res, '/progress/import')
      }
      if (!file || file.id !== field(req, 'file'))
        return sendImport(req, res, {
          status: 422,
          problem: t('The file that you were shown is no longer here. Choose it again.'),
        })
      pending.drop(learnerId)
      const owner = practiceSeat(learnerId)
      // There may be more by now than when the file was looked at.
      const tooMuch = tooMuchWith(owner, await gatherWork(deps, owner), file.belongings)
      if (tooMuch) return sendImport(req, res, { status: 422, problem: tooMuch })
      await takeSeat(deps, practiceSeat(learnerId))
      const done = await planOf(deps, file.belongings, owner, await deps.sandboxes.room(learnerId))
      await keep(deps, { acts: file.belongings.acts, isFile: true }, owner)
      const failed = await restoreSandboxes(deps, done.sandboxes.add, owner)
      pending.tell(learnerId, { plan: viewPlan(done, file.standing), failed })
      redirectTo(req, res, '/progress/import')
    },

    removeForm: (req, res) => sendRemove(req, res),

    remove: async (req, res) => {
      if (field(req, 'confirm') !== 'yes')
        return sendRemove(req, res, { problem: t('Tick the box first. Nothing was deleted.') })
      const { learnerId, account } = contextOf(res)
      const goesToo = account !== null && field(req, 'account') === 'yes'
      const doubt = account === null ? undefined : await reassure(deps, req, res, account)
      if (doubt) return sendRemove(req, res, { at: 'current', ...doubt })
      await removeAll(deps, practiceSeat(learnerId))
      if (goesToo) {
        await deps.accounts.remove(account)
        await deps.sessions.forget(learnerId)
      }
      if (goesToo || account === null) takeCookie(res, 'podium')
      redirectTo(req, res, '/progress')
    },
  }
}

/** Why a file cannot be added, if it is because there would be too much. */
function tooMuchWith(owner: Seat, current: FoldedWork, given: Belongings): string | undefined {
  const most = inWords(limitsPassed(current, workOfActs(owner, given.acts)))
  return most.length === 0
    ? undefined
    : t(
        'With this file you would have more here than one learner may have: {most}. Nothing was added, and nothing that you have was changed.',
        { most: most.join(t(', ')) },
      )
}

/** What is to know of a file that is not the learner's own. */
const standings: Record<Standing, string> = {
  own: '',
  gone: msg(
    'This file was made here for a learner who has been deleted since: for you under an earlier name, or for somebody else.',
  ),
  learner: msg(
    'This file was made here for another learner, or for you in another browser. What it brings is marked so, and its grades do not count until they are verified.',
  ),
  elsewhere: msg(
    'This file was not signed by this server: it comes from another one, or was changed since it was downloaded. What it brings is marked so, and its grades do not count until they are verified.',
  ),
}

function viewPlan({ adds, updates, sandboxes }: Plan, standing: Standing): ShownPlan {
  return {
    standing: t(standings[standing]),
    adds: inWords(adds),
    updates: inWords(updates),
    noRoom: sandboxes.noRoom.map(({ name }) => name),
  }
}

const placeIn = ({ id, createdAtMs, players }: Duel, learnerId: string) => ({
  ...{ id, createdAtMs },
  name: players.find((player) => player.learnerId === learnerId)?.name ?? '',
})
