/**
 * Who is in a course of a learning platform: Names and Role Provisioning Services, read when somebody who teaches it looks, and not kept.
 * https://www.imsglobal.org/spec/lti-nrps/v2p0
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { LtiCourse } from '../storage/lti-courses.ts'
import type { Storage } from '../storage/types.ts'
import { keyOfPerson, type Lti, teaches } from './lti.ts'
import { originsOf, type Platform } from './lti-platforms.ts'

export interface Member {
  /** As of who comes in: of issuer and subject. */
  key: string
  /** Empty where the platform tells none. */
  name: string
  role: 'learner' | 'teacher' | 'other'
}

export interface Roster {
  /** Those who are active. */
  members: Member[]
  /** There are more than are read. */
  isPartial: boolean
}

const rosterScope = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly'
const mediaType = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json'
const patienceMs = 10_000
const mostPages = 40
const mostMembers = 3000

/** The key of a course, which stands in its address. */
export const keyOfCourse = (platform: string, url: string): string =>
  createHash('sha256').update(`${platform}\n${url}`).digest('hex').slice(0, 24)

const pageForm = z.object({
  members: z.array(
    z.object({
      user_id: z.coerce.string().min(1).max(255),
      status: z.string().default('Active'),
      roles: z.array(z.string()).default([]),
      name: z.string().nullish(),
      given_name: z.string().nullish(),
      family_name: z.string().nullish(),
    }),
  ),
})
type Told = z.infer<typeof pageForm>['members'][number]

/** The courses that somebody teaches, by name and address here. */
export async function coursesOf(
  { lti, storage }: { lti: Pick<Lti, 'platformOf'> | undefined; storage: Pick<Storage, 'ltiCourses'> },
  learnerId: string,
): Promise<{ href: string; title: string }[]> {
  if (!lti) return []
  return (await storage.ltiCourses.ofTeacher(learnerId)).flatMap((course) => {
    const platform = lti.platformOf(course.platform)
    return platform ? [{ href: `/lti/courses/${course.key}`, title: course.title || platform.name }] : []
  })
}

/** @throws Error when the platform does not give it, without a word of what it said */
export async function readRoster(lti: Pick<Lti, 'platformOf' | 'accessToken'>, course: LtiCourse): Promise<Roster> {
  const platform = lti.platformOf(course.platform)
  if (!platform) throw new Error('the platform of a course is not registered any more')
  const token = await lti.accessToken(platform, rosterScope)
  const members = new Map<string, Member>()
  let url: string | undefined = course.url
  for (let n = 0; url !== undefined && n < mostPages && members.size < mostMembers; n++) {
    if (!originsOf(platform).includes(new URL(url).origin)) throw new Error('a page of the list is at another origin')
    const answer: Response = await fetch(url, {
      ...{ redirect: 'error', signal: AbortSignal.timeout(patienceMs) },
      headers: { Authorization: `Bearer ${token}`, Accept: mediaType },
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      throw new Error(`the platform did not give the list: ${answer.status}`)
    }
    const read = pageForm.safeParse(await answer.json().catch(() => undefined))
    if (!read.success) throw new Error('the list of the platform cannot be read')
    for (const one of read.data.members) {
      const member = memberOf(platform, one)
      if (one.status === 'Active') members.set(member.key, member)
      else members.delete(member.key)
    }
    url = nextOf(answer.headers.get('Link'), url)
  }
  return {
    members: [...members.values()].slice(0, mostMembers),
    isPartial: url !== undefined || members.size > mostMembers,
  }
}

function memberOf(platform: Platform, { user_id: subject, roles, name, given_name, family_name }: Told): Member {
  const isLearner = roles.some((role) => /(?:^|[#/])Learner$/.test(role))
  return {
    key: keyOfPerson(platform, subject),
    name: (name ?? [given_name, family_name].filter(Boolean).join(' ')).trim().slice(0, 120),
    role: roles.some((role) => teaches.test(role)) ? 'teacher' : isLearner ? 'learner' : 'other',
  }
}

/** The address of the next page, by the header `Link`; an address that cannot be read counts as none. */
function nextOf(header: string | null, base: string): string | undefined {
  for (const [, address = '', parameters = ''] of (header ?? '').matchAll(/<([^<>]{1,2000})>([^<]*)/g))
    if (/;\s*rel="?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:[;,]|$)/i.test(parameters) && URL.canParse(address, base))
      return new URL(address, base).href
  return undefined
}
