/** Messages of k8s.io/api/events/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
Event kind
  1 metadata meta.v1.ObjectMeta always
  2 eventTime MicroTime always
  3 series *EventSeries
  4 reportingController string
  5 reportingInstance string
  6 action string
  7 reason string
  8 regarding core.v1.ObjectReference
  9 related *core.v1.ObjectReference
  10 note string
  11 type string
  12 deprecatedSource core.v1.EventSource
  13 deprecatedFirstTimestamp Time
  14 deprecatedLastTimestamp Time
  15 deprecatedCount int32

EventSeries
  1 count int32 always
  2 lastObservedTime MicroTime always
`
