/** Messages of k8s.io/api/node/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
Overhead
  1 podFixed map[string]Quantity

RuntimeClass kind
  1 metadata meta.v1.ObjectMeta
  2 handler string always
  3 overhead *Overhead
  4 scheduling *Scheduling

Scheduling
  1 nodeSelector map[string]string
  2 tolerations []core.v1.Toleration
`
