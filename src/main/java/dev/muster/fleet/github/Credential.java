package dev.muster.fleet.github;

import java.util.Optional;

/**
 * As whom GitHub is asked.
 *
 * @param budget whose hour of requests this counts against
 * @param token empty where nobody needs to be known
 */
record Credential(String budget, Optional<String> token) {
  static final Credential NOBODY = new Credential("nobody", Optional.empty());

  @Override
  public String toString() {
    return "Credential[" + budget + "]";
  }
}
