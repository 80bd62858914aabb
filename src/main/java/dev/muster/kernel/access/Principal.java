package dev.muster.kernel.access;

import dev.muster.kernel.audit.Actor;

/**
 * Whoever presented a valid token.
 *
 * @param token the token's id, which is not secret
 */
public record Principal(String token, String name, Role role) {
  /** For the audit. */
  public Actor actor() {
    return new Actor("token", name);
  }
}
