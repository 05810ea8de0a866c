/** The rules of a ClusterRole that is put together from others. Source: kubernetes/pkg/controller/clusterroleaggregation */
import { equalJson } from '../meta/json.ts'
import { selectorMatches } from '../meta/label-selector.ts'
import type { ClusterRole, PolicyRule } from './types.ts'

/**
 * Decides what an aggregated role grants: every rule of the roles that its selectors choose, each once. Pure.
 * @param all every ClusterRole, sorted by name
 */
export function aggregateRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of all) {
      if (other.metadata.name === role.metadata.name || !selectorMatches(selector, other.metadata.labels)) continue
      for (const rule of other.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
    }
  }
  return rules
}
