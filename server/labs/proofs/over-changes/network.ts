/** Which doors are opened besides. */
import { add, type Change, type Json, lessOfSelector, remove, step } from './change.ts'

/** All traffic of a direction; more peers and more ports of each rule; more Pods that the policy is about; no policy. */
export function policyChanges({ spec }: Json): Change[] {
  const types = (spec.policyTypes ?? ['Ingress']) as string[]
  return [
    ...types.map(
      (type): Change => ({ change: `open-${type.toLowerCase()}`, patch: [add(`/spec/${type.toLowerCase()}`, [{}])] }),
    ),
    { change: 'policy-gone', patch: 'delete' },
    ...lessOfSelector('wider-policy', '/spec/podSelector', spec.podSelector),
    ...(['ingress', 'egress'] as const).flatMap((list) =>
      ((spec[list] ?? []) as Json[]).flatMap((rule, n) =>
        ruleChanges(rule, list === 'ingress' ? 'from' : 'to', `/spec/${list}/${n}`),
      ),
    ),
  ]
}

function ruleChanges(rule: Json, list: 'from' | 'to', at: string): Change[] {
  const peers = (rule[list] ?? []) as Json[]
  const more = (value: Json): Change => ({ change: 'more-peers', patch: [add(`${at}/${list}/-`, value)] })
  return [
    ...peers.flatMap((peer, n) => peerChanges(peer, `${at}/${list}/${n}`)),
    // A rule without peers is for all of them.
    ...(peers.length > 0 ? [more({ ipBlock: { cidr: '0.0.0.0/0' } }), more({ podSelector: {} })] : []),
    ...(rule.ports?.length > 0 ? [{ change: 'more-ports', patch: [remove(`${at}/ports`)] }] : []),
  ]
}

function peerChanges({ podSelector, namespaceSelector, ipBlock }: Json, at: string): Change[] {
  const wider = (patch: Change['patch']): Change => ({ change: 'wider-peer', patch })
  return [
    ...lessOfSelector('wider-peer', `${at}/podSelector`, podSelector),
    ...lessOfSelector('wider-peer', `${at}/namespaceSelector`, namespaceSelector),
    // One whose last requirement goes selects all Pods as well.
    ...(namespaceSelector && requirementsOf(podSelector) > 1 ? [wider([remove(`${at}/podSelector`)])] : []),
    ...(podSelector && !namespaceSelector ? [wider([add(`${at}/namespaceSelector`, {})])] : []),
    ...(ipBlock?.except ? [wider([remove(`${at}/ipBlock/except`)])] : []),
  ]
}

const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: Json = {}): number =>
  Object.keys(matchLabels).length + matchExpressions.length

/** A Service whose selector is a label less, as long as one is left. */
export const serviceChanges = ({ spec: { selector = {} } }: Json): Change[] =>
  Object.keys(selector).length < 2
    ? []
    : Object.keys(selector).map((key) => ({ change: 'wider-selector', patch: [remove(`/spec/selector/${step(key)}`)] }))

/** A rule for whatever no other rule takes, and the rules for any host. */
export function ingressChanges({ spec }: Json): Change[] {
  const rules = (spec.rules ?? []) as Json[]
  const path = rules.flatMap(({ http }) => http?.paths ?? [])[0] as Json | undefined
  return [
    ...(path
      ? [
          {
            change: 'more-paths',
            patch: [
              add('/spec/rules/-', { http: { paths: [{ path: '/', pathType: 'Prefix', backend: path.backend }] } }),
            ],
          },
        ]
      : []),
    ...rules.flatMap(({ host }, n): Change[] =>
      host ? [{ change: 'any-host', patch: [remove(`/spec/rules/${n}/host`)] }] : [],
    ),
  ]
}
