/** Messages of k8s.io/kube-aggregator/pkg/apis/apiregistration/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
APIService kind
  1 metadata meta.v1.ObjectMeta
  2 spec APIServiceSpec
  3 status APIServiceStatus

APIServiceCondition
  1 type string always
  2 status string always
  3 lastTransitionTime Time
  4 reason string
  5 message string

APIServiceSpec
  1 service *ServiceReference
  2 group string
  3 version string
  4 insecureSkipTLSVerify bool
  5 caBundle bytes
  7 groupPriorityMinimum int32 always
  8 versionPriority int32 always

APIServiceStatus
  1 conditions []APIServiceCondition

ServiceReference
  1 namespace string
  2 name string
  3 port *int32
`
