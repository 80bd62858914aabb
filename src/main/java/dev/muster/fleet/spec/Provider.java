package dev.muster.fleet.spec;

/** Who makes the machines. */
public enum Provider {
  EC2,
  LOCAL;

  /** As the config writes it. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
