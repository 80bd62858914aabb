package dev.muster.kernel.access;

import dev.muster.kernel.audit.Actor;
import java.util.Optional;

/**
 * Whoever presented a valid token.
 *
 * @param token the token's id, which is not secret
 * @param environment the one that the token is good for; empty where it is good for all
 */
public record Principal(String token, String name, Role role, Optional<String> environment) {
  /** Of a token that is good for every environment. */
  public Principal(String token, String name, Role role) {
    this(token, name, role, Optional.empty());
  }

  /** Whether it concerns itself with an environment. */
  public boolean mayTouch(String other) {
    return environment.map(other::equals).orElse(true);
  }

  /** For the audit. */
  public Actor actor() {
    return new Actor("token", name);
  }
}
