package dev.muster.agent.protocol;

import java.time.Duration;
import java.util.Map;

/**
 * Answer to an enrolment and to a session's rotation.
 *
 * @param runner the runner that this machine now is, in the appliance's records
 * @param session the bearer credential for polling and reporting until the assignment
 * @param pollWait how long a poll may stay open; {@code pollSeconds} on the wire
 * @param heartbeat the time between heartbeats of a running job; {@code heartbeatSeconds}
 */
public record SessionGrant(String runner, Secret session, Duration pollWait, Duration heartbeat)
    implements Message {
  public SessionGrant {
    Bounds.id("runner", runner);
    Bounds.credential("session", session);
    Bounds.seconds("pollSeconds", pollWait, Duration.ofMinutes(10));
    Bounds.seconds("heartbeatSeconds", heartbeat, Duration.ofMinutes(10));
  }

  static SessionGrant from(Fields fields) {
    return new SessionGrant(
        fields.string("runner"),
        fields.secret("session"),
        fields.seconds("pollSeconds"),
        fields.seconds("heartbeatSeconds"));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put("runner", runner)
        .put("session", session.value())
        .put("pollSeconds", pollWait.toSeconds())
        .put("heartbeatSeconds", heartbeat.toSeconds())
        .toMap();
  }
}
