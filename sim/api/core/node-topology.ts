/** Where a node stands, by its well-known labels. Source: k8s.io/api/core/v1/well_known_labels.go, component-helpers/node/topology */
import type { Node } from './types.ts'

export const ZONE = 'topology.kubernetes.io/zone'
export const REGION = 'topology.kubernetes.io/region'

/** Region and zone as one key; nodes without either share one. */
export const zoneKey = ({ metadata: { labels = {} } }: Node): string => `${labels[REGION] ?? ''}:${labels[ZONE] ?? ''}`
