/** One PostgreSQL, whose password is drawn once and kept through upgrades. */
import { published } from './published.ts'

const files = {
  'values.yaml': `image:
  repository: postgres
  tag: ""
auth:
  database: app
  # Drawn by chance when it is empty, and kept by later upgrades.
  password: ""
service:
  port: 5432
`,
  'README.md':
    '# postgresql\n\nOne PostgreSQL. Its password is in the Secret of the release, under the key `password`.\n',
  'templates/secret.yaml': `{{- $name := include "postgresql.fullname" . }}
{{- $live := lookup "v1" "Secret" .Release.Namespace $name }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $name }}
  labels:
    {{- include "postgresql.labels" . | nindent 4 }}
type: Opaque
data:
  {{- if .Values.auth.password }}
  password: {{ .Values.auth.password | b64enc }}
  {{- else if $live }}
  password: {{ index $live.data "password" }}
  {{- else }}
  password: {{ randAlphaNum 16 | b64enc }}
  {{- end }}
`,
  'templates/statefulset.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "postgresql.fullname" . }}
  labels:
    {{- include "postgresql.labels" . | nindent 4 }}
spec:
  serviceName: {{ include "postgresql.fullname" . }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "postgresql.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "postgresql.labels" . | nindent 8 }}
    spec:
      containers:
        - name: postgres
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            - name: POSTGRES_DB
              value: {{ .Values.auth.database | quote }}
            - name: POSTGRES_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{ include "postgresql.fullname" . }}
                  key: password
          ports:
            - name: postgres
              containerPort: 5432
          readinessProbe:
            tcpSocket:
              port: postgres
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ include "postgresql.fullname" . }}
  labels:
    {{- include "postgresql.labels" . | nindent 4 }}
spec:
  ports:
    - name: postgres
      port: {{ .Values.service.port }}
      targetPort: postgres
  selector:
    {{- include "postgresql.selectorLabels" . | nindent 4 }}
`,
  'templates/NOTES.txt': `The password:
  kubectl get secret --namespace {{ .Release.Namespace }} {{ include "postgresql.fullname" . }} -o jsonpath='{.data.password}' | base64 -d
`,
}

export const postgresql = [
  published(
    {
      name: 'postgresql',
      version: '0.4.1',
      appVersion: '17',
      description: 'A relational database',
      keywords: ['database', 'sql'],
    },
    files,
  ),
]
