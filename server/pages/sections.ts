/** The parts of the syllabus, in its order. */
import type { Section } from '../catalog/types.ts'

export const sectionTitles: Record<Section, string> = {
  architecture: 'Architecture',
  pod: 'Pods',
  workloads: 'Workloads',
  scheduling: 'Scheduling',
  networking: 'Networking',
  storage: 'Configuration and storage',
  security: 'Security and policy',
  operations: 'Operations',
}
