package dev.muster.kernel.tracing;

/** Which side of a call a span is, as OpenTelemetry has it. */
public enum SpanKind {
  INTERNAL,
  /** Answers a request from outside. */
  SERVER,
  /** Asks somebody else. */
  CLIENT,
  /** Takes what was put into a queue before. */
  CONSUMER
}
