package dev.muster.agent.protocol;

import java.util.Map;

/**
 * {@code POST /agent/v1/session} with the present session as the bearer: asks for the next one, at
 * every boot of the agent. The present one stays good for 60 s or until the next one is first used,
 * so that a lost answer does not lock the agent out.
 *
 * @param boot identifies this boot of the machine
 */
public record SessionRequest(String boot) implements Message {
  public SessionRequest {
    Bounds.id("boot", boot);
  }

  static SessionRequest from(Fields fields) {
    return new SessionRequest(fields.string("boot"));
  }

  Map<String, Object> toWire() {
    return new WireObject().put("boot", boot).toMap();
  }
}
