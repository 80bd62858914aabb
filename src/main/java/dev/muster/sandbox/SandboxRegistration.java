package dev.muster.sandbox;

import java.time.Instant;
import java.util.List;

/**
 * A just-in-time runner as the sandbox knows it at one instant.
 *
 * @param scope {@code repos/acme/api} or {@code orgs/acme}
 * @param labels exactly as it was registered with
 * @param online whether a runner process holds it
 */
public record SandboxRegistration(
    long id,
    String name,
    String scope,
    long groupId,
    List<String> labels,
    boolean online,
    boolean busy,
    Instant registeredAt) {
  public SandboxRegistration {
    labels = List.copyOf(labels);
  }

  SandboxRegistration withOnline(boolean isOnline) {
    return new SandboxRegistration(id, name, scope, groupId, labels, isOnline, busy, registeredAt);
  }

  SandboxRegistration atWork() {
    return new SandboxRegistration(id, name, scope, groupId, labels, true, true, registeredAt);
  }
}
