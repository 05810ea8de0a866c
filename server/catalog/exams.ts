/**
 * The exams that questions belong to, their domains (with titles in English, for `t`) and the domains' weights in per cent.
 * Source: the curricula that the Cloud Native Computing Foundation publishes (CKA and CKAD, from 2025 on)
 */
import { msg } from '../i18n/translate.ts'

export const exams = {
  cka: {
    title: 'CKA',
    domains: {
      'cluster-architecture': { title: msg('Cluster architecture, installation and configuration'), weight: 25 },
      'workloads-scheduling': { title: msg('Workloads and scheduling'), weight: 15 },
      'services-networking': { title: msg('Services and networking'), weight: 20 },
      storage: { title: msg('Storage'), weight: 10 },
      troubleshooting: { title: msg('Troubleshooting'), weight: 30 },
    },
  },
  ckad: {
    title: 'CKAD',
    domains: {
      'design-build': { title: msg('Application design and build'), weight: 20 },
      deployment: { title: msg('Application deployment'), weight: 20 },
      observability: { title: msg('Application observability and maintenance'), weight: 15 },
      'environment-config-security': { title: msg('Application environment, configuration and security'), weight: 25 },
      'services-networking': { title: msg('Services and networking'), weight: 20 },
    },
  },
} as const

/** Hands-on exams: the two above, and an interview of somebody experienced, whose tasks are grouped by the kind of work. */
export const handsOnPools = ['cka', 'ckad', 'interview'] as const
export type HandsOnPool = (typeof handsOnPools)[number]

/** The groups that a hands-on exam draws its tasks from, with their titles in English, for `t`, and their weights in per cent. */
export const handsOnGroups: Readonly<Record<HandsOnPool, Readonly<Record<string, { title: string; weight: number }>>>> =
  {
    cka: exams.cka.domains,
    ckad: exams.ckad.domains,
    interview: {
      fix: { title: msg('Find the fault'), weight: 30 },
      operate: { title: msg('Operate what runs'), weight: 30 },
      build: { title: msg('Build'), weight: 20 },
      design: { title: msg('Design for failure'), weight: 20 },
    },
  }

/** Per cent that either exam asks for. Source: the Linux Foundation's pages of CKA and CKAD */
export const passMark = 66

export type Exam = keyof typeof exams
export type Domain<E extends Exam = Exam> = E extends Exam ? keyof (typeof exams)[E]['domains'] & string : never
