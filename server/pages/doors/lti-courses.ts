/** For who teaches a course on a learning platform: who of it has come in here, and who has not yet. */
import type { Request, RequestHandler } from 'express'
import { type Member, type Roster, readRoster } from '../../doors/lti-roster.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { LtiCourse } from '../../storage/lti-courses.ts'
import type { AppDeps } from '../deps.ts'
import { printDate } from '../time.ts'

export function ltiCoursePage(deps: AppDeps): RequestHandler {
  const { storage } = deps
  const courseOf = async (req: Request, learnerId: string): Promise<LtiCourse> => {
    const key = String(req.params.course)
    const course = deps.lti && /^[a-f0-9]{24}$/.test(key) ? await storage.ltiCourses.find(key) : undefined
    if (!course?.teachers.includes(learnerId)) throw notFound(t('This course'))
    return course
  }
  const rosterOf = async (course: LtiCourse): Promise<Roster | undefined> => {
    try {
      return await readRoster(deps.lti!, course)
    } catch (error) {
      deps.logger.warn({ reason: (error as Error).message }, 'the list of a course could not be read')
      return undefined
    }
  }

  return async (req, res) => {
    const { account, learnerId } = contextOf(res)
    const course = await courseOf(req, learnerId)
    const roster = await rosterOf(course)
    const own = account === null ? [] : await storage.outsideIdentities.ofAccount(account)
    // Whoever taught it when they came in may not do so any more.
    if (
      roster &&
      !roster.isPartial &&
      !roster.members.some(({ key, role }) => role === 'teacher' && own.includes(key))
    ) {
      await storage.ltiCourses.leave(course.key, learnerId)
      throw new HttpProblem(403, t('The learning platform does not list you as a teacher of this course.'))
    }
    const rows = await Promise.all((roster?.members ?? []).map((member) => rowOf(member)))
    const learners = rows.filter(({ role }) => role === 'learner')
    const ranked = rows.sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    const platform = deps.lti!.platformOf(course.platform)?.name ?? ''
    deps.renderer.send(req, res, {
      template: 'doors/lti-course',
      title: course.title || platform || t('Course'),
      section: 'account',
      isSecret: true,
      status: roster ? 200 : 502,
      model: {
        ...{ title: course.title || platform || t('Course'), platform, rows: ranked, isRead: roster !== undefined },
        ...{ all: learners.length, here: learners.filter(({ since }) => since !== '').length },
        isPartial: roster?.isPartial ?? false,
      },
    })
  }

  async function rowOf({ key, name, role }: Member) {
    const known = await storage.outsideIdentities.find(key)
    return { name, role, since: known ? printDate(known.createdAtMs) : '' }
  }
}

/** Those who are waited for come first. */
const rankOf = ({ role, since }: { role: Member['role']; since: string }): number =>
  role === 'learner' ? (since === '' ? 0 : 1) : role === 'teacher' ? 3 : 2
