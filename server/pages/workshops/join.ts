/** How people come into a workshop: by its code and a name of their own, without an account; and back, by words that they were told. */
import type { Request, RequestHandler, Response } from 'express'
import { Throttle } from '../../accounts/throttle.ts'
import { words } from '../../accounts/words.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { createTurns } from '../../storage/turns.ts'
import { comeBack, join, likenessOf, refuseDamagedSeat, seatOf } from '../../workshops/people.ts'
import { printCode, readCode, type Workshop } from '../../workshops/rooms.ts'
import { callerOf } from '../caller.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'

type Page = 'code' | 'find' | 'form' | 'join'

/** Words in vain for one workshop from one address; after that a name has to come with them, and so many are tried for one name. */
const mostTries = 60
const mostTriesOfName = 10
const triesMs = 10 * 60_000
/** People who come into one workshop from one address: a hall behind one of them, twice over. */
const mostJoins = 300
const joinsMs = 60_000

export function joinPages(deps: AppDeps): Record<Page, RequestHandler> {
  const tries = new Throttle({ most: mostTries, windowMs: triesMs, now: deps.now })
  const ofName = new Throttle({ most: mostTriesOfName, windowMs: triesMs, now: deps.now })
  const joins = new Throttle({ most: mostJoins, windowMs: joinsMs, now: deps.now })
  const inTurn = createTurns()

  const sendCode = (req: Request, res: Response, typed = '', problem = ''): void =>
    deps.renderer.send(req, res, {
      template: 'workshops/code',
      title: t('Join a workshop'),
      section: 'none',
      status: problem ? 404 : 200,
      model: { typed, problem },
    })
  const sendForm = async (
    req: Request,
    res: Response,
    workshop: Workshop,
    { problem = '', backProblem = '', nickname = '', needsName = false, status = 422 } = {},
  ): Promise<void> => {
    const room = await deps.rooms.room(workshop.id)
    deps.renderer.send(req, res, {
      template: 'workshops/join',
      title: t('Join a workshop'),
      section: 'none',
      status: problem || backProblem ? status : 200,
      model: {
        title: room.title || t('Workshop'),
        code: printCode(workshop.room.code),
        href: `/j/${workshop.room.code}`,
        nickname,
        problem,
        backProblem,
        needsName,
      },
    })
  }
  /** @returns undefined when it was told that there is none, or that it is over */
  const workshopOf = async (req: Request, res: Response, typed: string): Promise<Workshop | undefined> => {
    let damaged = 0
    const workshop = await deps.rooms.ofCode(typed, () => damaged++)
    if (!workshop) {
      const problem =
        damaged === 0
          ? t('There is no workshop with this code. Check it again: six letters and digits.')
          : t(
              'There is no workshop with this code that can be read now. Look at the code again. If it is right, the workshop is among those of this server that cannot be read ({n}): nothing has been overwritten, and it is kept for repair. Please tell your instructor.',
              { n: damaged },
            )
      sendCode(req, res, typed.slice(0, 20), problem)
      return undefined
    }
    const { state } = sittingAt((await deps.rooms.room(workshop.id)).life, deps.now())
    if (state === 'archived' || state === 'erased') {
      sendCode(req, res, '', t('This workshop is over.'))
      return undefined
    }
    return workshop
  }

  return {
    code: (req, res) => sendCode(req, res),

    find: async (req, res) => {
      const workshop = await workshopOf(req, res, field(req, 'code'))
      if (workshop) redirectTo(req, res, `/j/${workshop.room.code}`)
    },

    form: async (req, res) => {
      const workshop = await workshopOf(req, res, String(req.params.code))
      if (!workshop) return
      const known = await seatOf(deps.storage, workshop.id, contextOf(res).learnerId)
      if (known && query(req, 'again') === '') return res.redirect(303, `/w/${workshop.id}`)
      if (!known) await refuseDamagedSeat(deps, workshop.id, contextOf(res).learnerId)
      await sendForm(req, res, workshop)
    },

    join: async (req, res) => {
      const workshop = await workshopOf(req, res, readCode(String(req.params.code)))
      if (!workshop) return
      const { learnerId } = contextOf(res)
      const key = `${workshop.id} ${callerOf(req)}`
      // The same form sent twice is one seat.
      if (await seatOf(deps.storage, workshop.id, learnerId)) return redirectTo(req, res, `/w/${workshop.id}`)
      if (field(req, 'do') === 'back') {
        const needsName = tries.take(key) > 0
        const name = needsName ? likenessOf(field(req, 'name')) : undefined
        if (name === '')
          return sendForm(req, res, workshop, {
            ...{ needsName, status: 429 },
            backProblem: t('Many wrong words came from your address. Give your name in this workshop as well.'),
          })
        if (name !== undefined && ofName.take(`${key} ${name}`) > 0)
          throw new HttpProblem(429, t('Too many tries. Wait ten minutes, then try again.'))
        const seat = await comeBack(deps, workshop, learnerId, field(req, 'words'), name)
        if (!seat) {
          const backProblem = t(
            'Nobody here has these words. They are two words and a number, as shown when you joined.',
          )
          return sendForm(req, res, workshop, { backProblem, needsName })
        }
        if (name === undefined) tries.giveBack(key)
        else ofName.giveBack(`${key} ${name}`)
        return redirectTo(req, res, `/w/${workshop.id}`)
      }
      if (joins.take(key) > 0)
        throw new HttpProblem(429, t('Too many people are joining at once. Wait a minute, then send the form again.'))
      const nickname = field(req, 'nickname')
      const joined = await inTurn(`${workshop.id} ${learnerId}`, async () =>
        (await seatOf(deps.storage, workshop.id, learnerId))
          ? undefined
          : join({ ...deps, words }, workshop, learnerId, nickname),
      )
      if (!joined) return redirectTo(req, res, `/w/${workshop.id}`)
      if ('refused' in joined) {
        const problem = {
          full: t('This workshop is full.'),
          nickname: t('A name has 1 to 30 characters, and a letter or a digit among them.'),
          taken: t('Somebody here has this name. Add a letter, or your town.'),
          stopped: t('Joining is stopped. Ask your instructor to allow it again.'),
          over: t('This workshop is over. If you took part, come back with your words.'),
        }[joined.refused]
        return sendForm(req, res, workshop, {
          problem,
          nickname: nickname.slice(0, 60),
          status: joined.refused === 'nickname' || joined.refused === 'taken' ? 422 : 409,
        })
      }
      const { nickname: name } = joined.seat
      // Told here and nowhere else: an address would keep them.
      const { title } = await deps.rooms.room(workshop.id)
      deps.renderer.send(req, res, {
        template: 'workshops/welcome',
        title: t('You are in'),
        section: 'none',
        isSecret: true,
        model: {
          href: `/w/${workshop.id}`,
          title: title || t('Workshop'),
          nickname: name,
          words: joined.resumeWords,
        },
      })
    },
  }
}
