/** Messages of k8s.io/api/discovery/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
Endpoint
  1 addresses []string always
  2 conditions EndpointConditions
  3 hostname *string
  4 targetRef *core.v1.ObjectReference
  5 deprecatedTopology map[string]string
  6 nodeName *string
  7 zone *string
  8 hints *EndpointHints

EndpointConditions
  1 ready *bool
  2 serving *bool
  3 terminating *bool

EndpointHints
  1 forZones []ForZone
  2 forNodes []ForNode

EndpointPort
  1 name *string
  2 protocol *string
  3 port *int32
  4 appProtocol *string

EndpointSlice kind
  1 metadata meta.v1.ObjectMeta
  4 addressType string always
  2 endpoints []Endpoint always
  3 ports []EndpointPort always

ForNode
  1 name string always

ForZone
  1 name string always
`
