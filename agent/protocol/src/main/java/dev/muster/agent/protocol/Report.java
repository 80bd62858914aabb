package dev.muster.agent.protocol;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/report}, bearer the session before an assignment and its report token from
 * then on.
 *
 * @param seq rises with every report of a machine, also across restarts of its agent, with gaps; a
 *     repeat is ignored by the appliance
 * @param phase what happened
 * @param at when, by the agent's clock
 * @param detail in words, at most 1,000 characters
 * @param exitCode of the command, with {@link Phase#FINISHED}
 * @param log the last part of the command's output, at most 8 KiB
 */
public record Report(
    long seq,
    Phase phase,
    Instant at,
    @Nullable String detail,
    @Nullable Integer exitCode,
    @Nullable String log)
    implements Message {
  public Report {
    if (seq < 1) {
      throw new IllegalArgumentException("seq must be at least 1, was " + seq);
    }
    Bounds.text("detail", detail, Bounds.LINE);
    Bounds.text("log", log, Bounds.LOG);
  }

  static Report from(Fields fields) {
    return new Report(
        fields.number("seq"),
        fields.enumValue("phase", Phase.class),
        fields.instant("at"),
        fields.optionalString("detail"),
        fields.optionalInt("exitCode"),
        fields.optionalString("log"));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put("seq", seq)
        .put("phase", phase.name())
        .put("at", at.toString())
        .put("detail", detail)
        .put("exitCode", exitCode)
        .put("log", log)
        .toMap();
  }
}
