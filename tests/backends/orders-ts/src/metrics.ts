/** What the service counts and times, in the text format of Prometheus. */

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5];

interface Latency {
  readonly buckets: Map<number, number>;
  sum: number;
  count: number;
}

/** The numbers of one application, so that two applications never share one. */
export class Metrics {
  readonly contentType = "text/plain; version=0.0.4; charset=utf-8";
  readonly #requests = new Map<string, number>();
  readonly #latencies = new Map<string, Latency>();
  #created = 0;

  /** Count an answered request; `route` is a pattern, never a path with ids. */
  answered(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${route}"`;
    const key = `${labels},status="${String(status)}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    const latency = this.#latencies.get(labels) ?? {
      buckets: new Map<number, number>(),
      sum: 0,
      count: 0,
    };
    for (const bound of BUCKETS) {
      const before = latency.buckets.get(bound) ?? 0;
      latency.buckets.set(bound, seconds <= bound ? before + 1 : before);
    }
    latency.sum += seconds;
    latency.count += 1;
    this.#latencies.set(labels, latency);
  }

  orderCreated(): void {
    this.#created += 1;
  }

  /** Return all metrics in the text exposition format. */
  render(): string {
    const lines = ["# TYPE orders_http_requests_total counter"];
    for (const [labels, count] of this.#requests) {
      lines.push(`orders_http_requests_total{${labels}} ${String(count)}`);
    }
    lines.push("# TYPE orders_http_request_seconds histogram");
    for (const [labels, latency] of this.#latencies) {
      for (const [bound, count] of latency.buckets) {
        const le = String(bound);
        lines.push(`orders_http_request_seconds_bucket{${labels},le="${le}"} ${String(count)}`);
      }
      const count = String(latency.count);
      lines.push(
        `orders_http_request_seconds_bucket{${labels},le="+Inf"} ${count}`,
        `orders_http_request_seconds_sum{${labels}} ${String(latency.sum)}`,
        `orders_http_request_seconds_count{${labels}} ${count}`,
      );
    }
    lines.push(
      "# TYPE orders_created_total counter",
      `orders_created_total ${String(this.#created)}`,
    );
    return `${lines.join("\n")}\n`;
  }
}
