package dev.muster.agent.protocol;

import java.util.Map;

/**
 * A part of what a runner writes: {@code POST /agent/v1/log}, bearer as for a {@link Report}.
 * Answered with 204.
 *
 * @param seq rises with every chunk of a machine, also across restarts of its agent, with gaps; a
 *     repeat is ignored by the appliance
 * @param text at most 32 KiB; the agent has taken the job's credential out of it
 */
public record LogChunk(long seq, String text) implements Message {
  /** The longest text, in characters. */
  public static final int LONGEST = 32 * 1024;

  public LogChunk {
    if (seq < 1) {
      throw new IllegalArgumentException("seq must be at least 1, was " + seq);
    }
    Bounds.text("text", text, LONGEST);
  }

  static LogChunk from(Fields fields) {
    return new LogChunk(fields.number("seq"), fields.string("text"));
  }

  Map<String, Object> toWire() {
    return new WireObject().put("seq", seq).put("text", text).toMap();
  }
}
