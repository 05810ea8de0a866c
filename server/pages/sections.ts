/** The parts of the syllabus, in its order, with their titles in the language of the request. */
import type { Section } from '../catalog/types.ts'
import { msg, t } from '../i18n/translate.ts'

const titles: Record<Section, string> = {
  architecture: msg('Architecture'),
  pod: msg('Pods'),
  workloads: msg('Workloads'),
  scheduling: msg('Scheduling'),
  networking: msg('Networking'),
  storage: msg('Configuration and storage'),
  security: msg('Security and policy'),
  operations: msg('Operations'),
}

export const sectionIds = Object.keys(titles) as Section[]

export function sectionTitle(section: Section): string {
  return t(titles[section])
}

export function isSection(text: string): text is Section {
  return Object.hasOwn(titles, text)
}

/** Each with its title, for a form. */
export function sectionChoices(): [Section, string][] {
  return sectionIds.map((id) => [id, sectionTitle(id)])
}
