package dev.muster.agent.protocol;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answer to an enrolment and to a session's rotation.
 *
 * @param runner the runner that this machine now is, in the appliance's records
 * @param session the bearer credential for polling and reporting until the assignment
 * @param pollWait how long a poll may stay open; {@code pollSeconds} on the wire
 * @param heartbeat the time between heartbeats of a running job; {@code heartbeatSeconds}
 * @param release the GitHub runner that the machine should have; absent: the one in its image
 */
public record SessionGrant(
    String runner,
    Secret session,
    Duration pollWait,
    Duration heartbeat,
    @Nullable RunnerRelease release)
    implements Message {
  public SessionGrant {
    Bounds.id("runner", runner);
    Bounds.credential("session", session);
    Bounds.seconds("pollSeconds", pollWait, Duration.ofMinutes(10));
    Bounds.seconds("heartbeatSeconds", heartbeat, Duration.ofMinutes(10));
  }

  static SessionGrant from(Fields fields) {
    Fields release = fields.optionalObject("release");
    return new SessionGrant(
        fields.string("runner"),
        fields.secret("session"),
        fields.seconds("pollSeconds"),
        fields.seconds("heartbeatSeconds"),
        release == null ? null : RunnerRelease.from(release));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put("runner", runner)
        .put("session", session.value())
        .put("pollSeconds", pollWait.toSeconds())
        .put("heartbeatSeconds", heartbeat.toSeconds())
        .put("release", release == null ? null : release.toWire())
        .toMap();
  }
}
