/** Messages of k8s.io/api/flowcontrol/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
ExemptPriorityLevelConfiguration
  1 nominalConcurrencyShares *int32
  2 lendablePercent *int32

FlowDistinguisherMethod
  1 type string always

FlowSchema kind
  1 metadata meta.v1.ObjectMeta
  2 spec FlowSchemaSpec
  3 status FlowSchemaStatus

FlowSchemaCondition
  1 type string
  2 status string
  3 lastTransitionTime Time
  4 reason string
  5 message string

FlowSchemaSpec
  1 priorityLevelConfiguration PriorityLevelConfigurationReference always
  2 matchingPrecedence int32 always
  3 distinguisherMethod *FlowDistinguisherMethod
  4 rules []PolicyRulesWithSubjects

FlowSchemaStatus
  1 conditions []FlowSchemaCondition

GroupSubject
  1 name string always

LimitResponse
  1 type string always
  2 queuing *QueuingConfiguration

LimitedPriorityLevelConfiguration
  1 nominalConcurrencyShares *int32
  2 limitResponse LimitResponse
  3 lendablePercent *int32
  4 borrowingLimitPercent *int32

NonResourcePolicyRule
  1 verbs []string always
  6 nonResourceURLs []string always

PolicyRulesWithSubjects
  1 subjects []Subject always
  2 resourceRules []ResourcePolicyRule
  3 nonResourceRules []NonResourcePolicyRule

PriorityLevelConfiguration kind
  1 metadata meta.v1.ObjectMeta
  2 spec PriorityLevelConfigurationSpec
  3 status PriorityLevelConfigurationStatus

PriorityLevelConfigurationCondition
  1 type string
  2 status string
  3 lastTransitionTime Time
  4 reason string
  5 message string

PriorityLevelConfigurationReference
  1 name string always

PriorityLevelConfigurationSpec
  1 type string always
  2 limited *LimitedPriorityLevelConfiguration
  3 exempt *ExemptPriorityLevelConfiguration

PriorityLevelConfigurationStatus
  1 conditions []PriorityLevelConfigurationCondition

QueuingConfiguration
  1 queues int32 always
  2 handSize int32 always
  3 queueLengthLimit int32 always

ResourcePolicyRule
  1 verbs []string always
  2 apiGroups []string always
  3 resources []string always
  4 clusterScope bool
  5 namespaces []string always

ServiceAccountSubject
  1 namespace string always
  2 name string always

Subject
  1 kind string always
  2 user *UserSubject
  3 group *GroupSubject
  4 serviceAccount *ServiceAccountSubject

UserSubject
  1 name string always
`
