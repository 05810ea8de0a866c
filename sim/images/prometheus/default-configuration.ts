/** What the image comes with: it asks itself. */
export const defaultConfiguration = `global:
  scrape_interval: 15s
  evaluation_interval: 15s

scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["localhost:9090"]
        labels:
          app: prometheus
`
