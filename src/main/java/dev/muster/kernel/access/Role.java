package dev.muster.kernel.access;

import java.util.Locale;

/** What a token allows; each role includes the ones after it. */
public enum Role {
  /** Everything. */
  ADMIN,
  /** Pushing to the embedded config repository. */
  PUSH,
  /** Looking at the status and cloning the config. */
  READ;

  public boolean includes(Role other) {
    return compareTo(other) <= 0;
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
