package dev.muster.agent.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answer to a report.
 *
 * @param stop whether the agent must end what it runs, and itself
 * @param reason why, in words
 */
public record ReportReply(boolean stop, @Nullable String reason) implements Message {
  public ReportReply {
    Bounds.text("reason", reason, Bounds.LINE);
  }

  static ReportReply from(Fields fields) {
    return new ReportReply(fields.bool("stop"), fields.optionalString("reason"));
  }

  Map<String, Object> toWire() {
    return new WireObject().put("stop", stop).put("reason", reason).toMap();
  }
}
