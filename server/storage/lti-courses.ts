/** Courses of learning platforms whose lists of members may be read, and who of their teachers has come in. No name of a member is stored. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)

const schema = z.object({
  /** Of the platform and the address of the list. */
  key: id,
  platform: id,
  /** Where the platform tells who is in it. */
  url: id,
  /** Empty where the platform told none. */
  title: z.string(),
  /** The learner ids of those who came in as its teachers. */
  teachers: z.array(id),
})
export type LtiCourse = z.infer<typeof schema>

const kind: DocumentKind<LtiCourse> = {
  name: 'lti-courses',
  version: 1,
  upgrades: [],
  indexes: { teacher: ({ teachers }) => teachers },
  schema,
}

export interface LtiCourses {
  find(key: string): Promise<LtiCourse | undefined>
  ofTeacher(learnerId: string): Promise<LtiCourse[]>
  /** Who teaches it. */
  enter(course: Omit<LtiCourse, 'teachers'>, teacher: string): Promise<void>
  /** Who teaches it no more; a course without teachers goes. */
  leave(key: string, teacher: string): Promise<void>
}

export function createLtiCourses(store: Store): LtiCourses {
  const courses = store.documents(kind)
  return {
    find: (key) => courses.find(key),
    ofTeacher: async (learnerId) => findAll(courses, await courses.keysBy('teacher', learnerId), () => undefined),
    enter: async (course, teacher) =>
      void (await courses.update(course.key, (known) => ({
        ...{ ...course, teachers: [...new Set([...(known?.teachers ?? []), teacher])] },
      }))),
    leave: async (key, teacher) => {
      const known = await courses.find(key)
      if (!known?.teachers.includes(teacher)) return
      const now = await courses.update(key, (one) => ({
        ...{ ...(one ?? known), teachers: (one?.teachers ?? []).filter((other) => other !== teacher) },
      }))
      if (now.teachers.length === 0) await courses.remove(key)
    },
  }
}
