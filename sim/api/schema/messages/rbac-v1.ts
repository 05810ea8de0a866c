/** Messages of k8s.io/api/rbac/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
AggregationRule
  1 clusterRoleSelectors []meta.v1.LabelSelector

ClusterRole kind
  1 metadata meta.v1.ObjectMeta
  2 rules []PolicyRule always
  3 aggregationRule *AggregationRule

ClusterRoleBinding kind
  1 metadata meta.v1.ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef always

PolicyRule
  1 verbs []string always
  2 apiGroups []string
  3 resources []string
  4 resourceNames []string
  5 nonResourceURLs []string

Role kind
  1 metadata meta.v1.ObjectMeta
  2 rules []PolicyRule always

RoleBinding kind
  1 metadata meta.v1.ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef always

RoleRef
  1 apiGroup string always
  2 kind string always
  3 name string always

Subject
  1 kind string always
  2 apiGroup string
  3 name string always
  4 namespace string
`
